// The same test, with keys that do not work as well.
process.env.HONEYCOMB_KEYS ??= 'all';
await import('./honeycomb.system.test.ts');
