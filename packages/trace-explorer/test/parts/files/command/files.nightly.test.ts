// files.system.test.ts, with each signal that ends an export.
process.env.TEST_NIGHTLY = 'true';
await import('./files.system.test.ts');
