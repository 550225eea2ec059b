// The same test, each signal, each kind of uncaught error, and each thing that keeps a service from starting.
process.env.TEST_NIGHTLY = 'true';
await import('./run-service.system.test.ts');
