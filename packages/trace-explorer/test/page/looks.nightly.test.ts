// The same tests, in each theme at each width, each view loaded anew in each of its modes, by mouse and by keyboard.
process.env.TEST_NIGHTLY = 'true';
await import('./page.browser.test.ts');
await import('./views/live/live.browser.test.ts');
await import('./views/logs/logs.browser.test.ts');
await import('./views/overview/overview.browser.test.ts');
await import('./views/query/query.browser.test.ts');
await import('./views/trace/groups.browser.test.ts');
await import('./views/trace/jobs.browser.test.ts');
await import('./views/trace/logs/logs.browser.test.ts');
await import('./views/traces/traces.browser.test.ts');
