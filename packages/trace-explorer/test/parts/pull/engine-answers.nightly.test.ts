// engine-answers.test.ts, with an answer of 10 million rows.
process.env.TEST_NIGHTLY = 'true';
await import('./engine-answers.test.ts');
