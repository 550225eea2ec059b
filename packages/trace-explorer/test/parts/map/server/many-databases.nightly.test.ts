// The same test, with more databases.
process.env.MAP_DATABASES ??= '250000';
await import('./many-databases.system.test.ts');
