// The same test, with every example.
process.env.EXAMPLES ??= 'all';
await import('./examples.system.test.ts');
