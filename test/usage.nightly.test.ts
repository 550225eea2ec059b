// The same test, with every benchmark, and with --help of each command.
process.env.USAGES ??= 'all';
await import('./usage.system.test.ts');
