// The same test, with a larger trace.
process.env.MCP_SPANS ??= '100000';
await import('./bounds.system.test.ts');
