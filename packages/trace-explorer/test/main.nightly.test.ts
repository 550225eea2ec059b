// The same test, with each thing that keeps the explorer from starting.
process.env.TEST_NIGHTLY = 'true';
await import('./main.system.test.ts');
