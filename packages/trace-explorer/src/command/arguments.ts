import type { ParseArgsOptionsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { CliError } from './client/explorer-client.ts';
import { describeWrongUsage, WRONG_USAGE } from './wrong-usage.ts';

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/**
 * Reads a command's arguments; undefined when help was asked for, which is then printed.
 * @throws CliError with one sentence and the usage, for an unknown option
 */
export function readArguments<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  usage: string,
  options: Options,
) {
  const config = { args: [...args], options: { ...options, ...HELP }, allowPositionals: true } as const;
  try {
    const parsed = parseArgs(config);
    if (!('help' in parsed.values)) return parsed;
  } catch (error) {
    throw wrongUsage(error instanceof Error ? error.message : String(error), usage);
  }
  process.stdout.write(usage);
  return undefined;
}

/** Arguments that cannot be taken: what is wrong, and the usage. */
export function wrongUsage(message: string, usage: string): CliError {
  return new CliError(`${describeWrongUsage(message, usage)}\n\n${usage}`, { exitCode: WRONG_USAGE });
}
