// packed-explorer.system.test.ts, on every Node that the package supports.
process.env.TEST_NIGHTLY = 'true';
await import('./packed-explorer.system.test.ts');
