import { CliError } from './explorer-client.ts';

/** Reads a command's arguments. @throws CliError with the usage for what is no option of it */
export function orUsage<T>(usage: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CliError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}
