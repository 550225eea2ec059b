// The same test; `dev` and `start` also end with who started them.
process.env.DEV_ENDS ??= 'all';
await import('./dev.system.test.ts');
