import { HelpAsked } from './core/command/arguments.ts';
import { CliError } from './core/command/client/explorer-client.ts';
import { endWithReader } from './core/command/end-with-reader.ts';
import { harmlessLines } from './core/shared/harmless-text.ts';

type Command = (args: readonly string[]) => Promise<void>;

/** The commands by name. A command is loaded when it is called. Most commands ask a running explorer and need none of its parts. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  trace: async () => (await import('./parts/trace/command/trace.ts')).traceCommand,
  logs: async () => (await import('./parts/logs/command/logs.ts')).logsCommand,
  run: async () => (await import('./parts/run/command/run.ts')).runProgram,
  query: async () => (await import('./parts/query/command/query.ts')).queryCommand,
  check: async () => (await import('./parts/check/command/check.ts')).checkCommand,
  verify: async () => (await import('./parts/verify/command/verify.ts')).verifyCommand,
  compare: async () => (await import('./parts/report/command/compare.ts')).compareCommand,
  sample: async () => (await import('./parts/sampling/command/sample.ts')).sampleCommand,
  report: async () => (await import('./parts/report/command/report.ts')).reportCommand,
  mcp: async () => (await import('./parts/mcp/command/mcp.ts')).mcpCommand,
  import: async () => (await import('./parts/files/command/import-files.ts')).importCommand,
  export: async () => (await import('./parts/files/command/export-traces.ts')).exportCommand,
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
    else await (await import('./core/command/serve/serve.ts')).serveCommand(args);
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
  const { explainFailure } = await import('./core/explain-failure.ts');
  return explainFailure(error);
}
