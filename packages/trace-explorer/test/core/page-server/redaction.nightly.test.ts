// redaction.test.ts, with every pair of names.
process.env.TEST_NIGHTLY = 'true';
await import('./redaction.test.ts');
