// doctor.system.test.ts, with a second pair of services without a key.
process.env.TEST_NIGHTLY = 'true';
await import('./doctor.system.test.ts');
