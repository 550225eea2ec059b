// copy-update.system.test.ts, with a copied pair that is brought up to date.
process.env.TEST_NIGHTLY = 'true';
await import('./copy-update.system.test.ts');
