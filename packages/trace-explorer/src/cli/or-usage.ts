import { CliError } from './explorer-client.ts';
import { describeWrongUsage, WRONG_USAGE } from './wrong-usage.ts';

/** Reads a command's arguments. @throws CliError with one sentence and the usage for what is no option of it */
export function orUsage<T>(usage: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = describeWrongUsage(error instanceof Error ? error.message : String(error), usage);
    throw new CliError(`${message}\n\n${usage}`, { exitCode: WRONG_USAGE });
  }
}
