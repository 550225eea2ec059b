// The same test, on SQLite as well.
process.env.TEST_NIGHTLY = 'true';
await import('./waterfall.system.test.ts');
