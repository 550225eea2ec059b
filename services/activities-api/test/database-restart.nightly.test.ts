// database-restart.system.test.ts, with more restarts.
process.env.DATABASE_RESTARTS ??= '10';
await import('./database-restart.system.test.ts');
