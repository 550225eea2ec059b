import { HelpAsked } from './arguments.ts';
import { CliError } from './client/explorer-client.ts';

/** Exit code of a gate that could not find out. */
const CANNOT_ASK = 2;

/** With this exit code `git bisect run` passes a commit over. */
export const CANNOT_SAY = 125;

/**
 * Makes a command that fails with exit code 2, because 1 is its answer that something is wrong; with `--bisect` with 125,
 * because 2 would be a bad commit.
 */
export function gate(run: (args: readonly string[]) => Promise<void>) {
  return async (args: readonly string[]): Promise<void> => {
    try {
      await run(args);
    } catch (error) {
      if (error instanceof HelpAsked) throw error;
      const message = error instanceof Error ? error.message : String(error);
      const exitCode = args.includes('--bisect') ? CANNOT_SAY : CANNOT_ASK;
      throw new CliError(message, { exitCode, cause: error });
    }
  };
}
