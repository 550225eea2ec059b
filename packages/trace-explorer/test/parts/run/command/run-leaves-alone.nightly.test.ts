// run-leaves-alone.system.test.ts, with every way in which a command ends.
process.env.TEST_NIGHTLY = 'true';
await import('./run-leaves-alone.system.test.ts');
