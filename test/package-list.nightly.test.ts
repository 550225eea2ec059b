// package-list.system.test.ts, also with the Fastify lifecycle and the lean engine.
process.env.TEST_NIGHTLY = 'true';
await import('./package-list.system.test.ts');
