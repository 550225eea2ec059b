// pull-requests.system.test.ts, with a pull request before main has a run.
process.env.TEST_NIGHTLY = 'true';
await import('./pull-requests.system.test.ts');
