// The same test, with every query.
process.env.ORACLE_EVERY ??= '1';
await import('./oracle.system.test.ts');
