// run-drivers.system.test.ts, with libraries, other drivers and bundles.
process.env.TEST_NIGHTLY = 'true';
await import('./run-drivers.system.test.ts');
