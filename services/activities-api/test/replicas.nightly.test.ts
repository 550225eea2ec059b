// replicas.system.test.ts, also on SQLite.
process.env.TEST_NIGHTLY = 'true';
await import('./replicas.system.test.ts');
