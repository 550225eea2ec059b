import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { readRequest } from '../../../core/command/arguments.ts';
import { CALL, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { toolsOf } from '../../../core/door/node.ts';
import type { Tool, ToolContext } from '../../../core/tools/tool.ts';
import { createMcpServer } from '../server/server.ts';

const USAGE = `Answers agents about the traces in a running explorer: the Model Context Protocol on standard input and output.

  ${CALL} mcp
  --all       all tools; by default what_is_wrong, get_trace and run_query
  --url URL           where the explorer is (default: ${DEFAULT_URL})
`;

/** `mcp`: answers on standard output until standard input ends. @throws CliError for unknown arguments */
export async function mcpCommand(args: readonly string[], { parts }: CommandContext): Promise<void> {
  const { client, values } = readRequest(args, USAGE, { all: { type: 'boolean' } });
  serveAgent(await toolsOf(parts), { page: client.url, ask: client.ask }, values.all === true);
}

/**
 * Speaks the Model Context Protocol on standard input and output, and asks a running explorer over HTTP. Without a running
 * explorer, the answers say so. Nothing else may write to standard output. Ends when the process's input ends.
 */
function serveAgent(tools: readonly Tool[], explorer: ToolContext, all: boolean): void {
  serveStdio(() => createMcpServer(tools, explorer, all), {
    onerror: (error) => process.stderr.write(`${error.message}\n`),
  });
  // Open connections to the explorer would keep the process alive for seconds.
  process.stdin.once('end', () => setImmediate(() => process.exit()));
}
