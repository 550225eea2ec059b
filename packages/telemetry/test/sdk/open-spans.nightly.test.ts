// The same test, each way of ending with a backend that works and with one that is down.
process.env.OPEN_SPANS ??= 'all';
await import('./open-spans.system.test.ts');
