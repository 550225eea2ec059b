// run-service.system.test.ts, with every signal, every kind of uncaught error, and every failure at the start.
process.env.TEST_NIGHTLY = 'true';
await import('./run-service.system.test.ts');
