// crash-under-load.system.test.ts, also for a rejection.
process.env.TEST_NIGHTLY = 'true';
await import('./crash-under-load.system.test.ts');
