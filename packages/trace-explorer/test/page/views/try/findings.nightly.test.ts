// The same test, a hundred times.
process.env.FINDING_ROUNDS ??= '100';
await import('./findings.browser.test.ts');
