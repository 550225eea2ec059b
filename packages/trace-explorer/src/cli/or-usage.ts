import { CliError } from './explorer-client.ts';

/** Exit code for arguments that cannot be taken, as of the shell's own commands. */
const WRONG_USAGE = 2;

/** Reads a command's arguments. @throws CliError with one sentence and the usage for what is no option of it */
export function orUsage<T>(usage: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    // Node's own messages have advice behind their first sentence.
    const sentence = String(error instanceof Error ? error.message : error).split(/\.\s/, 1)[0] ?? '';
    throw new CliError(`${sentence.replace(/\.?$/, '.')}\n\n${usage}`, { exitCode: WRONG_USAGE });
  }
}
