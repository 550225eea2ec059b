// The same test, with more kills.
process.env.KILL_ROUNDS ??= '45';
await import('./kill.system.test.ts');
