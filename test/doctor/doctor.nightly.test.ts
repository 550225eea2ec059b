// The same test, with a second pair, whose services have no key.
process.env.TEST_NIGHTLY = 'true';
await import('./doctor.system.test.ts');
