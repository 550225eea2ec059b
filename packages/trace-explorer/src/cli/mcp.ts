import { parseArgs } from 'node:util';
import { serveAgent } from '../mcp/serve-stdio.ts';
import { CALL, explorerAt } from './explorer-client.ts';
import { orUsage } from './or-usage.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Answers agents about the traces in the running explorer: the Model Context Protocol on standard input and output.

  ${CALL} mcp              docs/agents.md says how programs are told of it
  ${CALL} mcp --url URL    where the explorer is (default: FRONTEND_URL, else http://localhost:3000)
`;

await runCommand(async (args) => {
  const options = { help: { type: 'boolean', short: 'h' }, url: { type: 'string' } } as const;
  const { values } = orUsage(USAGE, () => parseArgs({ args: [...args], options }));
  if (values.help) process.stdout.write(USAGE);
  else serveAgent(explorerAt(values.url));
});
