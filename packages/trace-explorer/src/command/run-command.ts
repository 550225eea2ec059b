import { harmlessLines } from '../shared/harmless-text.ts';
import { HelpAsked } from './arguments.ts';
import { CliError } from './client/explorer-client.ts';
import { endWithReader } from './end-with-reader.ts';

type Command = (args: readonly string[]) => Promise<void>;

/** The commands by name. A command is loaded when it is called. Most commands ask a running explorer and need none of its parts. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  trace: async () => (await import('./trace.ts')).traceCommand,
  logs: async () => (await import('./logs.ts')).logsCommand,
  run: async () => (await import('./run/run.ts')).runProgram,
  query: async () => (await import('./query.ts')).queryCommand,
  check: async () => (await import('./check.ts')).checkCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  compare: async () => (await import('./compare.ts')).compareCommand,
  sample: async () => (await import('./sample.ts')).sampleCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  mcp: async () => (await import('./mcp.ts')).mcpCommand,
  import: async () => (await import('./files/import-files.ts')).importCommand,
  export: async () => (await import('./files/export-traces.ts')).exportCommand,
};

/**
 * Runs the command that the first argument names, or else the explorer itself. A failure is a message on standard error,
 * and exit code 1, or the error's own.
 */
export async function runCommand(args: readonly string[]): Promise<void> {
  endWithReader();
  const [name = '', ...rest] = args;
  try {
    if (Object.hasOwn(COMMANDS, name)) await (await COMMANDS[name]?.())?.(rest);
    else await (await import('./serve/serve.ts')).serveCommand(args);
  } catch (error) {
    if (error instanceof HelpAsked) return void process.stdout.write(error.message);
    const message = error instanceof CliError ? error.message : await explain(error);
    // The message may have text of files and of servers.
    process.stderr.write(`${harmlessLines(message)}\n`);
    process.exit(error instanceof CliError ? error.exitCode : 1);
  }
}

/** Explains why the explorer does not start. Loaded late, because its module imports the errors of all parts. */
async function explain(error: unknown): Promise<string> {
  const { explainFailure } = await import('../explain-failure.ts');
  return explainFailure(error);
}
