// The same test, each way of ending with a backend that works and with one that is down.
process.env.TEST_NIGHTLY = 'true';
await import('./open-spans.system.test.ts');
