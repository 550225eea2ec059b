// http.system.test.ts, with each argument of each tool alone as well.
process.env.TEST_NIGHTLY = 'true';
await import('./http.system.test.ts');
