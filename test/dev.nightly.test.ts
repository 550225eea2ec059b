// dev.system.test.ts; `dev` and `start` also end with the process that started them.
process.env.TEST_NIGHTLY = 'true';
await import('./dev.system.test.ts');
