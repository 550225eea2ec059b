// The same test, on every Node and with every API that the package supports.
process.env.PACKED_LANES ??= 'all';
await import('./packed.system.test.ts');
