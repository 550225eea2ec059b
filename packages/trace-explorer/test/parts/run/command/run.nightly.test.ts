// run.system.test.ts, with every launcher and every signal.
process.env.TEST_NIGHTLY = 'true';
await import('./run.system.test.ts');
