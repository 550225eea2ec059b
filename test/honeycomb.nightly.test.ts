// The same test, with keys that do not work as well.
process.env.TEST_NIGHTLY = 'true';
await import('./honeycomb.system.test.ts');
