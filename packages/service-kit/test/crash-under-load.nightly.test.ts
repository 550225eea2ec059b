// The same test, for a rejection as well.
process.env.TEST_NIGHTLY = 'true';
await import('./crash-under-load.system.test.ts');
