// The same test, with ten thousand requests.
process.env.HEALTHY_REQUESTS ??= '10000';
await import('./healthy.system.test.ts');
