// guide-changes.system.test.ts, which starts the changed pair of every chapter.
process.env.TEST_NIGHTLY = 'true';
await import('./guide-changes.system.test.ts');
