// second-api.system.test.ts, with all cases, on the oldest Node that runs these sources and the newest of each line.
process.env.TEST_NIGHTLY = 'true';
await import('./second-api.system.test.ts');
