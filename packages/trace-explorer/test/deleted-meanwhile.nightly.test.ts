// The same test, with the deletion before each statement of a request.
process.env.TEST_NIGHTLY = 'true';
await import('./deleted-meanwhile.system.test.ts');
