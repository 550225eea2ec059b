// span-routes.system.test.ts, with a trace of several documents.
process.env.TEST_NIGHTLY = 'true';
await import('./span-routes.system.test.ts');
