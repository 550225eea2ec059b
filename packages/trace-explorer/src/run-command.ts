import { HelpAsked } from './core/command/arguments.ts';
import { CliError } from './core/command/client/explorer-client.ts';
import { endWithReader } from './core/command/end-with-reader.ts';
import type { CommandContext, NodePart } from './core/door/node.ts';
import { registerViews } from './core/places/views.ts';
import { harmlessLines } from './lib/text/harmless-text.ts';
import { nodeParts } from './parts.node.ts';

/** What commands need of the explorer, loaded when it is needed: most commands ask a running explorer and need none of its parts. */
export const contextOf = (parts: readonly NodePart[]): CommandContext => ({
  parts,
  startExplorer: async (config, logger) =>
    (await import('./start-explorer.ts')).startExplorer(config, logger, parts),
  withFiles: async (paths, ask, name) => (await import('./with-files.ts')).withFiles(paths, ask, parts, name),
});

/**
 * Runs the command that the first argument names, or else the explorer itself. A failure is a message on standard error,
 * and exit code 1, or the error's own.
 * @param context what the command needs of the explorer
 */
export async function runCommand(
  args: readonly string[],
  parts = nodeParts,
  context = contextOf(parts),
): Promise<void> {
  endWithReader();
  const release = registerViews(parts);
  const [name = '', ...rest] = args;
  const command = parts
    .map(({ commands = {} }) => Object.hasOwn(commands, name) && commands[name])
    .find(Boolean);
  try {
    if (command) await (await command.load())(rest, context);
    else await (await import('./core/serve/serve.ts')).serveCommand(args, context);
  } catch (error) {
    if (error instanceof HelpAsked) return void process.stdout.write(error.message);
    const message = error instanceof CliError ? error.message : await explain(error);
    // The message may have text of files and of servers.
    process.stderr.write(`${harmlessLines(message)}\n`);
    process.exit(error instanceof CliError ? error.exitCode : 1);
  } finally {
    release();
  }
}

/** Explains why the explorer does not start. Loaded late, because its module imports the errors of all parts. */
async function explain(error: unknown): Promise<string> {
  const { explainFailure } = await import('./core/explain-failure.ts');
  return explainFailure(error);
}
