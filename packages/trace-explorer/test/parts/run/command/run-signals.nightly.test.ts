// run-signals.system.test.ts, with more launchers and signals.
process.env.TEST_NIGHTLY = 'true';
await import('./run-signals.system.test.ts');
