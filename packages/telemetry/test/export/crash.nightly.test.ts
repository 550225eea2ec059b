// The same test, with fifteen kills for each state of the backend.
process.env.TEST_NIGHTLY = 'true';
await import('./crash.system.test.ts');
