// The same test, with more files.
process.env.SDK_3_FILES ??= 'all';
await import('./sdk-3.system.test.ts');
