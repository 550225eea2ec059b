// The same test, with a larger trace.
process.env.PAGE_SPANS ??= '100000';
await import('./large.browser.test.ts');
