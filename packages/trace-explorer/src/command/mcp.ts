import { serveAgent } from '../mcp/serve-stdio.ts';
import { readRequest } from './arguments.ts';
import { CALL, DEFAULT_URL } from './client/explorer-client.ts';

const USAGE = `Answers agents about the traces in a running explorer: the Model Context Protocol on standard input and output.

  ${CALL} mcp
  --url URL           where the explorer is (default: ${DEFAULT_URL})
`;

/** `mcp`: answers on standard output until standard input ends. @throws CliError for unknown arguments */
export async function mcpCommand(args: readonly string[]): Promise<void> {
  const { client } = readRequest(args, USAGE, {});
  serveAgent({ page: client.url, ask: client.ask });
}
