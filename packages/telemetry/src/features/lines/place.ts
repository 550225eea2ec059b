import { basename, isAbsolute, relative } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import { codeLines } from '../../common/code-lines.ts';
import { isKnown, pathOf } from '../../common/sources/known-files.ts';
import { sourceOf } from '../../common/sources/map-source.ts';
import { lineStarts, readSource } from '../../common/sources/read-source.ts';
import { fileKindOf } from './file-kind.ts';

/** In a line with more characters, the line says too little: a bundle has all its code in one. */
const LONG_LINE = 200;
/** Files whose lines are known, and their lines. */
const MOST_FILES = 500;
const MOST_LINES = 5_000_000;

/** A frame's place. Line and column count from 1. */
export interface Site {
  /** A path or a URL. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Whether V8 has shown the file, whose code runs; else a text names it, or a comment of evaluated code. */
  readonly isShown: boolean;
  /** The characters before the place in the code that runs; undefined where the text of a stack names the place. */
  readonly position?: number;
  readonly name?: string | null | undefined;
  /** What stands at the place in the file, if it is the one of the code that runs; undefined where it surely is. */
  readonly says?: string | RegExp | undefined;
}

/**
 * A place in code, as V8 names it. Its attributes are worked out once, after the call has begun, because they may need a
 * source map. https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/
 */
export class Place {
  readonly #sites: readonly Site[];
  #attributes: Attributes | undefined;

  /** @param sites the frames of the app, the nearest first. A map may tell that a frame of a bundle is a library's */
  constructor(sites: readonly Site[]) {
    this.#sites = sites;
  }

  /** Whether the files need no look to say whose the lines are. */
  get isSure(): boolean {
    return this.#sites.every(({ says }) => says === undefined);
  }

  /** `code.file.path`, and as far as they are known, `code.line.number`, `code.column.number` and `code.function.name`. */
  get attributes(): Attributes {
    this.#attributes ??= attributesAt(this.#sites);
    return this.#attributes;
  }
}

function attributesAt(sites: readonly Site[]): Attributes {
  for (const site of sites) {
    const found = placeOf(site);
    if (found !== undefined) return found;
  }
  return {};
}

/**
 * Of a file that Node has a source map for, the place in its source; undefined for a library's source. Otherwise the line
 * counts only where the file on disk has the place at the same position. Code that something else has compiled has another
 * line, under the same name.
 */
function placeOf({ file, isShown, line, column, position, name, says }: Site): Attributes | undefined {
  const path = pathOf(file);
  const mayRead = isShown || isKnown(path);
  const lines = mayRead ? linesOf(path) : undefined;
  const start = lines?.[line - 1] ?? Number.NaN;
  const end = lines?.[line] ?? Number.NaN;
  const isLong = end - start > LONG_LINE;
  const called = name ? { 'code.function.name': name } : {};
  const source = position === undefined || !mayRead ? undefined : sourceOf(path, line, column);
  if (source !== undefined) {
    if (fileKindOf(source.file) !== 'app') return undefined;
    // Where the code has long lines its names are short, and others than in the source.
    return {
      'code.file.path': pathFrom(source.file),
      'code.line.number': source.line,
      ...(!isLong && called),
    };
  }
  const at = start + column - 1;
  const isThere =
    at < end &&
    (position === undefined || position === at) &&
    (says === undefined || standsAt(path, at, says));
  return {
    'code.file.path': pathFrom(path),
    ...(isThere && { 'code.line.number': line, ...(isLong && { 'code.column.number': column }) }),
    ...called,
  };
}

const stands = new Map<string, boolean>();

/** Whether a file that may be read has a text at a position. A property may be named in brackets. */
function standsAt(path: string, at: number, says: string | RegExp): boolean {
  const key = `${at} ${String(says)} ${path}`;
  const before = stands.get(key);
  if (before !== undefined) return before;
  const text = readSource(path)?.slice(Math.max(0, at - 1), at + LONG_LINE) ?? '';
  const own = at === 0 ? text : text.slice(1);
  const isThere =
    typeof says === 'string' ? own.startsWith(says) || text.slice(0, 2).includes('[') : says.test(own);
  if (stands.size === MOST_FILES) stands.clear();
  stands.set(key, isThere);
  return isThere;
}

/** The path from the command's folder. Of a file on another drive, which has no such path, the name alone. */
function pathFrom(path: string): string {
  const found = relative(codeLines.value?.folder ?? process.cwd(), path);
  return isAbsolute(found) ? basename(path) : found.replaceAll('\\', '/');
}

const known = new Map<string, Uint32Array>();
let lines = 0;

/** Where each line of a file begins, and the file's end; undefined for a file that cannot be read: it may come later. */
function linesOf(path: string): Uint32Array | undefined {
  const before = known.get(path);
  if (before !== undefined) return before;
  const text = readSource(path);
  if (text === undefined) return undefined;
  const starts = lineStarts(text);
  if (known.size === MOST_FILES || lines + starts.length > MOST_LINES) {
    known.clear();
    lines = 0;
  }
  lines += starts.length;
  known.set(path, starts);
  return starts;
}
