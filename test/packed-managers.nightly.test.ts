// packed-managers.system.test.ts, with every package manager.
process.env.TEST_NIGHTLY = 'true';
await import('./packed-managers.system.test.ts');
