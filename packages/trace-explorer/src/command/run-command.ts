import { CliError } from '../cli/explorer-client.ts';
import { endWithReader } from '../cli/standard-output.ts';
import { explainFailure } from '../explain-failure.ts';
import { checkCommand } from './check.ts';
import { exportCommand } from './export-traces.ts';
import { importCommand } from './import-files.ts';
import { mcpCommand } from './mcp.ts';
import { inFlags } from './options.ts';
import { serveCommand } from './serve.ts';

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  import: importCommand,
  export: exportCommand,
  check: checkCommand,
  mcp: mcpCommand,
};

/** Runs one command: `import`, `export`, `check`, `mcp`, or the explorer itself. A failure is a line on standard error, and exit code 1, or the error's own. */
export async function runCommand(args: readonly string[]): Promise<void> {
  const [name = '', ...rest] = args;
  const command = COMMANDS[name];
  endWithReader();
  try {
    await (command === undefined ? serveCommand(args) : command(rest));
  } catch (error) {
    const message = error instanceof CliError ? error.message : inFlags(explainFailure(error));
    process.stderr.write(`${message}\n`);
    process.exit(error instanceof CliError ? error.exitCode : 1);
  }
}
