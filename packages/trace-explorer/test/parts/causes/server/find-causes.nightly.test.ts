// find-causes.test.ts, with a thousand requests and 200,000 different errors.
process.env.TEST_NIGHTLY = 'true';
await import('./find-causes.test.ts');
