// exchanges.system.test.ts, with all servers on the oldest, the present and the newest Node.
process.env.TEST_NIGHTLY = 'true';
await import('./exchanges.system.test.ts');
