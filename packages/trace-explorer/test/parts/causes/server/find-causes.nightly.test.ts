// find-causes.test.ts, with a thousand requests.
process.env.TEST_NIGHTLY = 'true';
await import('./find-causes.test.ts');
