import { parseArgs } from 'node:util';
import { orUsage } from '../cli/or-usage.ts';
import { installedClient } from './installed-client.ts';

const USAGE = `Answers agents about the traces in a running explorer: the Model Context Protocol on standard input and output.

  trace-explorer mcp
  --url URL           where the explorer runs (http://localhost:3000, or the port in PORT)
`;

/** `mcp`: answers on standard output until standard input ends. @throws CliError for unknown arguments */
export async function mcpCommand(args: readonly string[]): Promise<void> {
  const options = { url: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = orUsage(USAGE, () => parseArgs({ args: [...args], options }));
  if (values.help) return void process.stdout.write(USAGE);
  // Here, because the other commands do without the protocol's SDK.
  const { serveAgent } = await import('../mcp/serve-stdio.ts');
  serveAgent(installedClient(values.url));
}
