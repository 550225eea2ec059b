import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { ExplorerClient } from '../command/explorer-client.ts';
import { createMcpServer } from './server.ts';

/**
 * Speaks the Model Context Protocol on standard input and output, and asks a running explorer over HTTP; where none
 * runs, the answers say so. Nothing else may be written to standard output. Ends with the process's input.
 */
export function serveAgent(client: ExplorerClient): void {
  serveStdio(() => createMcpServer({ page: client.url, ask: (path, options) => client.ask(path, options) }), {
    onerror: (error) => process.stderr.write(`${error.message}\n`),
  });
  // Connections to the explorer that are kept open would keep the process for seconds.
  process.stdin.once('end', () => setImmediate(() => process.exit()));
}
