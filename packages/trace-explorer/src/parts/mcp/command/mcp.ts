import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { readArguments } from '../../../core/command/arguments.ts';
import { CALL, DEFAULT_URL, explorerAt } from '../../../core/command/client/explorer-client.ts';
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
  const { values } = readArguments(args, USAGE, { all: { type: 'boolean' }, url: { type: 'string' } });
  if (values.url !== undefined) await explorerAt(values.url); // refuses what is no URL
  // For each call: an explorer ends with its run, and the next one may be elsewhere.
  const explorer = async () => {
    const { url, ask } = await explorerAt(values.url);
    return { page: url, ask };
  };
  serveAgent(await toolsOf(parts), explorer, values.all === true);
}

/**
 * Speaks the Model Context Protocol on standard input and output, and asks a running explorer over HTTP. Without a running
 * explorer, the answers say so. Nothing else may write to standard output. Ends when the process's input ends.
 */
function serveAgent(tools: readonly Tool[], explorer: () => Promise<ToolContext>, all: boolean): void {
  serveStdio(() => createMcpServer(tools, explorer, all), {
    onerror: (error) => process.stderr.write(`${error.message}\n`),
  });
  // Open connections to the explorer would keep the process alive for seconds.
  process.stdin.once('end', () => setImmediate(() => process.exit()));
}
