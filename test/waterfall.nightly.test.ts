// waterfall.system.test.ts, also on SQLite.
process.env.TEST_NIGHTLY = 'true';
await import('./waterfall.system.test.ts');
