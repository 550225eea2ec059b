// The same test; `dev` and `start` also end with who started them.
process.env.TEST_NIGHTLY = 'true';
await import('./dev.system.test.ts');
