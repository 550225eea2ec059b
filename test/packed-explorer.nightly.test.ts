// The same test, on every Node that the package supports.
process.env.PACKED_LANES ??= 'all';
await import('./packed-explorer.system.test.ts');
