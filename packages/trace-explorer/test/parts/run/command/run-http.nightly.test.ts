// run-http.system.test.ts, with gateways and HTTP/2.
process.env.TEST_NIGHTLY = 'true';
await import('./run-http.system.test.ts');
