// The same test with 100,000 spans, more kills, and an outage of a minute.
process.env.TEST_NIGHTLY = 'true';
await import('./forward.system.test.ts');
