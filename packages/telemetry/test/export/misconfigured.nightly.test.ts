// The same test, with each status by which a backend refuses for good.
process.env.TEST_NIGHTLY = 'true';
await import('./misconfigured.system.test.ts');
