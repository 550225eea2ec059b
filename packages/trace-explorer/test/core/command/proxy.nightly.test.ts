// proxy.system.test.ts, with every command.
process.env.TEST_NIGHTLY = 'true';
await import('./proxy.system.test.ts');
