import type { WriteStream } from 'node:tty';
import type { Colours } from './colours.ts';
import { chooseColours } from './colours.ts';

/** What a stream can show. */
export interface Terminal {
  /** Undefined for a file or a pipe, whose lines are not broken. */
  readonly columns: number | undefined;
  /** Whether signs such as ✗ and … can be read there. */
  readonly hasSigns: boolean;
  readonly colours: Colours;
}

/** Narrower lines are not broken any further. */
const LEAST_COLUMNS = 40;

/** What standard output or standard error can show. NO_COLOR, and a locale without UTF-8, count. */
export function terminalOf(
  stream: Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'getColorDepth'>>,
  env: NodeJS.ProcessEnv = process.env,
): Terminal {
  const isTerminal = stream.isTTY === true;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return {
    columns: isTerminal ? Math.max(LEAST_COLUMNS, stream.columns ?? 80) : undefined,
    hasSigns: /utf-?8/i.test(locale) || process.platform === 'win32',
    colours: chooseColours(isTerminal && !env.NO_COLOR ? (stream.getColorDepth?.() ?? 1) : 1),
  };
}

/** Signs of Tandem's own sentences, and letters for them. */
const LETTERS: Readonly<Record<string, string>> = {
  '✗': 'x',
  '…': '...',
  '·': '-',
  '→': '->',
  '–': '-',
  '−': '-',
  '›': '>',
  '’': "'",
  '“': '"',
  '”': '"',
  µ: 'u',
};

/** A text for a terminal without UTF-8. */
export function plainLetters(text: string): string {
  return text.replace(/[✗…·→–−›’“”µ]/g, (sign) => LETTERS[sign] ?? sign);
}
