import { readFileSync, statSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** A file of variables is short. In bytes. */
const LARGEST = 1_000_000;

/** A `NAME=value` of a file of variables. */
export interface EnvLine {
  readonly name: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
  /** Another one where a value in quotes has several lines. */
  readonly lastLine: number;
}

const BEGINNING = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(["'`]?)/;

/** All of a file's variables in its order, also those that a later line of the same name replaces. */
export function envLines(text: string): EnvLine[] {
  const lines = text.split('\n');
  const found: EnvLine[] = [];
  for (let index = 0; index < lines.length; index++) {
    const [beginning, name, quote] = BEGINNING.exec(lines[index] ?? '') ?? [];
    if (beginning === undefined || name === undefined) continue;
    const last = quote ? endOfValue(lines, index, beginning.length, quote) : index;
    const value = parseEnv(lines.slice(index, last + 1).join('\n'))[name] ?? '';
    found.push({ name, value, line: index + 1, lastLine: last + 1 });
    index = last;
  }
  return found;
}

/** The index of the line that has the closing quote; a value without one ends with its line. */
function endOfValue(lines: readonly string[], first: number, from: number, quote: string): number {
  if (lines[first]?.includes(quote, from)) return first;
  const last = lines.findIndex((line, index) => index > first && line.includes(quote));
  return last === -1 ? first : last;
}

/** A value that empty lines below it hide, in words. */
export interface HiddenValue {
  /** The rest of a sentence that begins with the variable. */
  readonly what: string;
  /** Begins with a small letter. Both are without a full stop. */
  readonly fix: string;
}

/**
 * Finds out whether empty lines of a file hide a variable's value above them: the last line of a name counts, for Node and for
 * docker compose. Undefined where none does. Never holds the value.
 */
export function describeHidden(name: string, text: string, file = '.env'): HiddenValue | undefined {
  const ofName = envLines(text).filter((each) => each.name === name);
  const at = ofName.findLastIndex(({ value }) => value.trim() !== '');
  const empty = ofName.slice(at + 1).map(({ line }) => line);
  if (at === -1 || empty.length === 0) return undefined;
  const [hides, lines] =
    empty.length === 1 ? ['a later, empty line hides', 'line'] : ['later, empty lines hide', 'lines'];
  return {
    what: `has a value in line ${ofName[at]?.line} of ${file}, and ${hides} it`,
    fix: `delete ${lines} ${empty.join(' and ')}`,
  };
}

/**
 * The text of a file of variables, which may be a pipe, without a byte order mark.
 * @throws Error saying what to do for a text that cannot be read as variables; the error of the disk, with its `code`
 */
export function readEnvFile(path: string): string {
  const text = new TextDecoder().decode(readFileSync(path));
  const problem = describeUnreadable(text);
  if (problem !== undefined) throw new Error(`${path} ${problem}`);
  return text;
}

/**
 * Says why a file's text cannot be read as variables, as the rest of a sentence that begins with the file; undefined where it can.
 * PowerShell's `>>` writes UTF-16, and a carriage return alone, as of an old Mac, ends no line for Node and docker compose.
 */
function describeUnreadable(text: string): string | undefined {
  if (text.includes('\0')) return 'is not UTF-8. Save it as UTF-8 in an editor.';
  return /\r[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=/.test(text)
    ? 'has lines that end with a carriage return alone (CR), which ends no line here. Save it with line ends LF in an editor.'
    : undefined;
}

/** The variables that have a value in a line of a file which nobody has asked to read. None of a pipe, or without the file. */
export function namesWithValue(path: string): string[] {
  try {
    const status = statSync(path);
    if (!status.isFile() || status.size > LARGEST) return []; // reading a pipe might wait for good
    const lines = envLines(new TextDecoder().decode(readFileSync(path)));
    return lines.filter(({ value }) => value.trim() !== '').map(({ name }) => name);
  } catch {
    return []; // there is none, or it is not this user's
  }
}
