// The same test, on SQLite as well.
process.env.CONVENTION_DATABASES ??= 'all';
await import('./conventions.system.test.ts');
