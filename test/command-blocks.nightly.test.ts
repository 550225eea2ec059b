// The same test, with the commands of every document.
process.env.COMMAND_BLOCKS ??= 'all';
await import('./command-blocks.system.test.ts');
