// The same test, each signal, each kind of uncaught error, and each thing that keeps a service from starting.
process.env.SERVICE_ENDS ??= 'all';
await import('./run-service.system.test.ts');
