// test-command.system.test.ts, with tap's own command, and every end of a test.
process.env.TEST_NIGHTLY = 'true';
await import('./test-command.system.test.ts');
