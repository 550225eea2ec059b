// honeycomb.system.test.ts, also with keys that do not work.
process.env.TEST_NIGHTLY = 'true';
await import('./honeycomb.system.test.ts');
