import { CliError } from './client/explorer-client.ts';

/** Exit code of a gate that could not find out. */
const CANNOT_ASK = 2;

/** Makes a command that fails with exit code 2, because 1 is its answer that something is wrong. */
export function gate(run: (args: readonly string[]) => Promise<void>) {
  return async (args: readonly string[]): Promise<void> => {
    try {
      await run(args);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new CliError(message, { exitCode: CANNOT_ASK, cause: error });
    }
  };
}
