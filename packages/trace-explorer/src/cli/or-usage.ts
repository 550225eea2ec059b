import { CliError } from './explorer-client.ts';
import { WRONG_USAGE, withoutAdvice } from './wrong-usage.ts';

/** Reads a command's arguments. @throws CliError with one sentence and the usage for what is no option of it */
export function orUsage<T>(usage: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = withoutAdvice(error instanceof Error ? error.message : String(error));
    throw new CliError(`${message}\n\n${usage}`, { exitCode: WRONG_USAGE });
  }
}
