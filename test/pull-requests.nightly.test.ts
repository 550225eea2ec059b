// pull-requests.system.test.ts, with the steps of the workflow.
process.env.TEST_NIGHTLY = 'true';
await import('./pull-requests.system.test.ts');
