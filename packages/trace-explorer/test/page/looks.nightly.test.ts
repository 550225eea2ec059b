// The same tests, in each theme at each width, and each view loaded anew in each of its modes.
process.env.PAGE_LOOKS ??= 'all';
await import('./page.browser.test.ts');
await import('./views/live/live.browser.test.ts');
await import('./views/logs/logs.browser.test.ts');
await import('./views/overview/overview.browser.test.ts');
await import('./views/query/query.browser.test.ts');
await import('./views/trace/groups.browser.test.ts');
await import('./views/trace/logs/logs.browser.test.ts');
await import('./views/traces/traces.browser.test.ts');
