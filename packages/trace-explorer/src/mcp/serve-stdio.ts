import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createMcpServer } from './server.ts';
import type { ToolContext } from './tool.ts';

/**
 * Speaks the Model Context Protocol on standard input and output, and asks a running explorer over HTTP. Without a running
 * explorer, the answers say so. Nothing else may write to standard output. Ends when the process's input ends.
 */
export function serveAgent(explorer: ToolContext): void {
  serveStdio(() => createMcpServer(explorer), {
    onerror: (error) => process.stderr.write(`${error.message}\n`),
  });
  // Open connections to the explorer would keep the process alive for seconds.
  process.stdin.once('end', () => setImmediate(() => process.exit()));
}
