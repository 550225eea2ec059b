import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { describeWrongUsage, WRONG_USAGE } from '../../packages/trace-explorer/src/command/wrong-usage.ts';

/** What a command was given and cannot take; its message says so in one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads the arguments of this process. `--help` and `-h` print the usage and end it with 0; what is no option of the
 * command, or what `check` cannot take, is named before the usage and ends it with 2.
 * @param check makes of the arguments what the command needs; throws UsageError
 *
 * @example
 * const { rate } = readArguments(USAGE, { options: { rate: { type: 'string' } } }, ({ values }) => readRate(values.rate));
 */
export function readArguments<const C extends ParseArgsConfig, T = ReturnType<typeof parseArgs<C>>>(
  usage: string,
  config: C,
  check: (given: ReturnType<typeof parseArgs<C>>) => T = (given) => given as T,
): T {
  answerHelp(usage, process.argv.slice(2));
  try {
    return check(parseArgs(config));
  } catch (error) {
    return refuseArguments(usage, error);
  }
}

/** Prints the usage, and ends the process, when that is what `args` ask for. */
export function answerHelp(usage: string, args: readonly string[]): void {
  const isAsked = args.some((arg) => arg === '--help' || arg === '-h');
  if (!isAsked) return;
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

/**
 * Ends the process with 2 when an error is about its arguments.
 * @throws the error when it is another one
 */
export function refuseArguments(usage: string, error: unknown): never {
  if (!(error instanceof Error) || !(error instanceof UsageError || isOfParser(error))) throw error;
  const message = error instanceof UsageError ? error.message : describeWrongUsage(error.message, usage);
  process.stderr.write(`${message}\n${usage}\n`);
  process.exit(WRONG_USAGE);
}

/** Whether Node's parser of arguments has thrown it. */
function isOfParser(error: Error): boolean {
  const { code = '' } = error as Error & { code?: unknown };
  return String(code).startsWith('ERR_PARSE_ARGS');
}
