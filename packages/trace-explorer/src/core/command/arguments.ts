import type { ParseArgsOptionsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import { shellWord } from '../../lib/text/harmless-text.ts';
import { CliError, explorerAt } from './client/explorer-client.ts';
import { describeWrongUsage, WRONG_USAGE } from './wrong-usage.ts';

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/** Ends a command with `--help`. The message is the usage. */
export class HelpAsked extends Error {
  override readonly name = 'HelpAsked';
}

/** Words that stand for themselves, as files and ids do. */
interface Words {
  /** How many a command takes at most; none by default. */
  readonly most?: number;
  /** The options that take what people write as a word too many: `--run`. */
  readonly meant?: readonly string[];
}

/** Of a command that takes any number of files, ids or words. */
export const ANY_WORDS: Words = { most: Number.POSITIVE_INFINITY };

/**
 * Reads a command's arguments.
 * @throws HelpAsked; CliError with one sentence and the usage, for an unknown option and a word too many
 */
export function readArguments<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  usage: string,
  options: Options,
  { most = 0, meant = [] }: Words = {},
) {
  const config = { args: [...args], options: { ...options, ...HELP }, allowPositionals: true } as const;
  try {
    const parsed = parseArgs(config);
    if (!('help' in parsed.values)) {
      const extra = parsed.positionals[most];
      if (extra === undefined) return parsed;
      throw extraWord(extra, usage, meant);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw wrongUsage(error instanceof Error ? error.message : String(error), usage);
  }
  throw new HelpAsked(usage);
}

/**
 * Reads the arguments of a command that asks an explorer.
 * @returns also the explorer's client @throws as readArguments does, and CliError for what is no URL
 */
export async function readRequest<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  usage: string,
  options: Options,
  words: Words = {},
) {
  const url = { type: 'string' } as const;
  const parsed = readArguments(args, usage, { ...options, url }, words);
  return { ...parsed, client: await explorerAt((parsed.values as { readonly url?: string }).url) };
}

/** The number of an option. @throws CliError for anything but a number from 0 to `most` */
export function readNumber(option: string, given: string, most: number): number {
  const number = given.trim() === '' ? Number.NaN : Number(given);
  if (number >= 0 && number <= most) return number;
  throw new CliError(`${option} takes a number from 0 to ${most}, not ${JSON.stringify(given)}.`);
}

/** Refuses a word too many. @param meant the options that take one */
export function extraWord(word: string, usage: string, meant: readonly string[] = []): CliError {
  const named = meant.map((option) => `${option} ${shellWord(word)}`).join(', or ');
  const hint = named === '' ? '' : ` Did you mean ${named}?`;
  return new CliError(`Unexpected argument ${JSON.stringify(word)}.${hint}\n\n${usage}`, {
    exitCode: WRONG_USAGE,
  });
}

/** Refuses arguments: the message names the fault, and has the usage. */
export function wrongUsage(message: string, usage: string): CliError {
  return new CliError(`${describeWrongUsage(message, usage)}\n\n${usage}`, { exitCode: WRONG_USAGE });
}
