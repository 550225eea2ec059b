// The same test, on SQLite as well.
process.env.TEST_NIGHTLY = 'true';
await import('./replicas.system.test.ts');
