// host-unchanged.system.test.ts, with all programs, on the oldest Node and the newest of each line.
process.env.TEST_NIGHTLY = 'true';
await import('./host-unchanged.system.test.ts');
