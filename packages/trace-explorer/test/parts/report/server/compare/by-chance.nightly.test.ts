// compare-runs.test.ts, with 100 pairs of runs that differ and 200 that do not.
process.env.TEST_NIGHTLY = 'true';
await import('./by-chance.test.ts');
