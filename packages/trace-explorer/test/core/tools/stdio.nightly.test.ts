// The same test, by a client that speaks an older protocol as well.
process.env.TEST_NIGHTLY = 'true';
await import('./stdio.system.test.ts');
