// The same test, also of `start`, whose script is killed.
process.env.DEV_COMMANDS ??= 'all';
await import('./dev.system.test.ts');
