// conventions.system.test.ts, also on SQLite.
process.env.TEST_NIGHTLY = 'true';
await import('./conventions.system.test.ts');
