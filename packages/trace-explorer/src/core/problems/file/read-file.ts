import { readRegular } from '../../../lib/node/regular-file.ts';
import { fileErrorWords } from '../../../lib/text/file-error.ts';
import { harmlessLine } from '../../../lib/text/harmless-text.ts';
import { formatCount, quoted } from '../../../lib/text/words.ts';
import type { AcceptedEntry } from './accepted.ts';
import { comparedKey } from './accepted.ts';
import { isDay, LONGEST, MOST_BYTES, MOST_ENTRIES, REQUIRED, VERSION, WRITTEN } from './entries.ts';
import type { JsonLines } from './json-lines.ts';
import { jsonLines } from './json-lines.ts';

/** Spans may have no name. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['route', 'operation']);

/** A fault of the file, at a line of it. */
class Fault extends Error {
  readonly line: number | undefined;
  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

/**
 * The entries of a file. Of a file with a fault nothing counts.
 * @param name of the file, for people
 * @returns undefined without a file
 * @throws Error in one line: the file, its line, and what is wrong
 */
export async function readEntries(path: string, name: string): Promise<AcceptedEntry[] | undefined> {
  const text = await readRegular(path, MOST_BYTES).catch((error: unknown) => {
    if (Object(error).code === 'ENOENT') return undefined;
    const { message } = Object(error);
    throw new Error(
      harmlessLine(
        `${name} cannot be read: ${error instanceof RangeError ? message : fileErrorWords(error)}`,
      ),
    );
  });
  try {
    return text === undefined ? undefined : entriesOf(text);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Error(
      harmlessLine(`${name}${error.line === undefined ? '' : `:${error.line}`}: ${error.message}`),
    );
  }
}

/** @throws Fault */
function entriesOf(text: string): AcceptedEntry[] {
  const lines = jsonLines(text);
  const file = parsed(text, lines);
  if (lines.twice !== undefined) throw new Fault(`${said(lines.twice.name)} stands twice`, lines.twice.line);
  if (!isObject(file)) throw new Fault('the file is no object with "version" and "known"', 1);
  checkNames(file, ['version', 'known'], lines, []);
  if (file.version !== VERSION)
    throw new Fault(
      file.version === undefined
        ? `"version" is missing; it is ${VERSION}`
        : `"version" is ${said(file.version)}; this command reads ${VERSION}`,
      lines.of('version'),
    );
  const { known } = file;
  if (!Array.isArray(known))
    throw new Fault(`"known" is ${known === undefined ? 'missing' : 'no list'}`, lines.of('known'));
  if (known.length > MOST_ENTRIES)
    throw new Fault(
      `it has ${formatCount(known.length)} entries; at most ${formatCount(MOST_ENTRIES)} are read`,
      lines.of('known'),
    );
  const entries = known.map((entry, at) => checked(entry, at, lines));
  checkApart(entries, lines);
  return entries;
}

function parsed(text: string, lines: JsonLines): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const mark = /^(?:<{7}|={7}|>{7})/m.exec(text);
    if (mark === null) throw new Fault('this is no JSON', lines.end);
    const line = text.slice(0, mark.index).split('\n').length;
    throw new Fault('here are the marks of a conflict: merge the file', line);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkNames(
  object: object,
  names: readonly string[],
  lines: JsonLines,
  path: readonly (string | number)[],
): void {
  const strange = Object.keys(object).find((name) => !names.includes(name));
  if (strange !== undefined)
    throw new Fault(
      `${said(strange)} is no field; the fields are ${names.join(', ')}`,
      lines.of(...path, strange),
    );
}

/** An entry with all that it needs. @throws Fault */
function checked(entry: unknown, at: number, lines: JsonLines): AcceptedEntry {
  const lineOf = (...path: readonly string[]) => lines.of('known', at, ...path);
  if (!isObject(entry)) throw new Fault('an entry is no object', lineOf());
  checkNames(entry, WRITTEN, lines, ['known', at]);
  for (const name of REQUIRED)
    if (entry[name] === undefined) throw new Fault(`an entry has no ${said(name)}`, lineOf());
  for (const [name, value] of Object.entries(entry)) {
    if (typeof value !== 'string') throw new Fault(`${said(name)} is no text`, lineOf(name));
    if (value.length > LONGEST)
      throw new Fault(`${said(name)} has more than ${LONGEST} characters`, lineOf(name));
    if (value.trim() === '' && !MAY_BE_EMPTY.has(name))
      throw new Fault(`${said(name)} is empty`, lineOf(name));
  }
  const found = entry as unknown as AcceptedEntry;
  for (const name of ['since', 'until'] as const) {
    const day = found[name];
    if (day !== undefined && !isDay(day))
      throw new Fault(`${said(name)} is ${said(day)}, which is no day such as 2026-11-29`, lineOf(name));
  }
  if (found.statement !== undefined && found.call !== undefined)
    throw new Fault('an entry has "statement" and "call"; it is about one of them', lineOf('call'));
  if (found.file !== undefined && /^\/|^[A-Za-z]:|\\|(?:^|\/)\.\.(?:\/|$)/.test(found.file))
    throw new Fault(
      `"file" is ${said(found.file)}; it is told from the root of the repository, with /`,
      lineOf('file'),
    );
  return found;
}

/** @throws Fault for two entries of one sighting */
function checkApart(entries: readonly AcceptedEntry[], lines: JsonLines): void {
  const numbered = entries.map((entry, at) => ({ entry, at }));
  for (const alike of Map.groupBy(numbered, ({ entry }) => comparedKey(entry)).values()) {
    const files = new Map<string | undefined, number>();
    for (const { entry, at } of alike) {
      const [any] = files.values();
      // An entry without a file is for all of them.
      const other = entry.file === undefined ? any : (files.get(entry.file) ?? files.get(undefined));
      if (other !== undefined)
        throw new Fault(
          `two entries are for one problem; the other one is in line ${lines.of('known', other)}`,
          lines.of('known', at),
        );
      files.set(entry.file, at);
    }
  }
}

function said(value: unknown): string {
  return quoted(JSON.stringify(value) ?? '');
}
