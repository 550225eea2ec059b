import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { endWithReader } from '../packages/trace-explorer/src/core/command/end-with-reader.ts';
import { describeWrongUsage, WRONG_USAGE } from '../packages/trace-explorer/src/core/command/wrong-usage.ts';

/** An argument that a command cannot take. The message is one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads the arguments of this process. `--help` and `-h` print the usage and end the process with 0. An unknown
 * option, or a value that `check` refuses, is named before the usage and ends the process with 2.
 * @param check turns the arguments into the command's input; throws UsageError
 *
 * @example
 * const { rate } = readArguments(USAGE, { options: { rate: { type: 'string' } } }, ({ values }) => readRate(values.rate));
 */
export function readArguments<const C extends ParseArgsConfig, T = ReturnType<typeof parseArgs<C>>>(
  usage: string,
  config: C,
  check: (given: ReturnType<typeof parseArgs<C>>) => T = (given) => given as T,
): T {
  endWithReader(141); // as after SIGPIPE
  answerHelp(usage, process.argv.slice(2));
  try {
    return check(parseArgs(config));
  } catch (error) {
    return refuseArguments(usage, error);
  }
}

/**
 * The whole number that an option was given.
 * @throws UsageError naming the option, its limits and its value
 */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(
    `${option} takes a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`,
  );
}

/** Prints the usage and ends the process when `args` ask for help. */
export function answerHelp(usage: string, args: readonly string[]): void {
  const isAsked = args.some((arg) => arg === '--help' || arg === '-h');
  if (!isAsked) return;
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

/**
 * Ends the process with 2 when the error is a UsageError.
 * @throws any other error
 */
export function refuseArguments(usage: string, error: unknown): never {
  if (!(error instanceof Error) || !(error instanceof UsageError || isOfParser(error))) throw error;
  const message = error instanceof UsageError ? error.message : describeWrongUsage(error.message, usage);
  process.stderr.write(`${message}\n${usage}\n`);
  process.exit(WRONG_USAGE);
}

/** True for an error of Node's `parseArgs`. */
function isOfParser(error: Error): boolean {
  const { code = '' } = error as Error & { code?: unknown };
  return String(code).startsWith('ERR_PARSE_ARGS');
}
