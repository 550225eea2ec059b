// packed.system.test.ts, on every Node and with every API that the package supports.
process.env.TEST_NIGHTLY = 'true';
await import('./packed.system.test.ts');
