import { CliError } from './explorer-client.ts';
import { endWithReader } from './standard-output.ts';

/** Runs a command with the process's arguments: what a person can do something about is one message, and its exit code. */
export async function runCommand(run: (args: readonly string[]) => Promise<void>): Promise<void> {
  endWithReader();
  try {
    await run(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
