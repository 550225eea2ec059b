import { HelpAsked } from './arguments.ts';
import { CliError } from './client/explorer-client.ts';

/** Exit code of a gate without an answer. */
const CANNOT_ASK = 2;

/** `git bisect run` skips a commit with this exit code. */
export const CANNOT_SAY = 125;

/**
 * Makes a failing command end with exit code 2, because 1 is the gate's answer. With `--bisect` the exit code is 125,
 * because `git bisect run` takes 2 for a bad commit.
 */
export function gate<Context>(run: (args: readonly string[], context: Context) => Promise<void>) {
  return async (args: readonly string[], context: Context): Promise<void> => {
    try {
      await run(args, context);
    } catch (error) {
      if (error instanceof HelpAsked) throw error;
      const message = error instanceof Error ? error.message : String(error);
      const exitCode = args.includes('--bisect') ? CANNOT_SAY : CANNOT_ASK;
      throw new CliError(message, { exitCode, cause: error });
    }
  };
}
