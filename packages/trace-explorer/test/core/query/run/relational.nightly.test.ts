// The same test, with more random queries.
process.env.RELATIONAL_QUERIES ??= '1000';
await import('./relational.system.test.ts');
