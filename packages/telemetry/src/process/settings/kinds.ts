import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** Reads the values of a variable. */
export interface Kind<T> {
  /** The form of a legal value, for warnings and documents. */
  readonly type: string;
  /** A warning does not show the value. */
  readonly isSecret?: boolean;
  /** Quotes around a value belong to it. */
  readonly mayBeQuoted?: boolean;
  /** Undefined for a value that cannot be followed. */
  parse(text: string): T | undefined;
}

/** A variable: how its value is read, and what it does. */
export interface Variable<T> extends Kind<T> {
  /** The value for an unset variable, or for a value that cannot be followed. */
  readonly otherwise: T;
  /** The effect of the variable, for documents. */
  readonly does: string;
}

/** A variable of a kind. @param does what the variable does, for documents */
export function row<T>(kind: Kind<T>, otherwise: undefined, does: string): Variable<T | undefined>;
export function row<T>(kind: Kind<T>, otherwise: NoInfer<T>, does: string): Variable<T>;
export function row<T>(kind: Kind<T>, otherwise: T, does: string): Variable<T> {
  return { ...kind, otherwise, does };
}

/** `true` or `false`, in any case. */
export const FLAG: Kind<boolean> = {
  type: 'true or false',
  parse: (text) => ({ true: true, false: false })[text.toLowerCase()],
};

/** A flag, or a folder that stands for true. */
export const FLAG_OR_FOLDER: Kind<boolean | string> = {
  type: `${FLAG.type}, or the absolute path of a folder`,
  parse: (text) => (isAbsolute(text) ? text : FLAG.parse(text)),
};

export const LIST: Kind<readonly string[]> = { type: 'a list, by commas', parse: itemsOf };

/** A text that a test takes. @param type the form of a legal text, for warnings and documents */
export function textThat(type: string, isLegal: (text: string) => boolean): Kind<string> {
  return { type, parse: (text) => (isLegal(text) ? text : undefined) };
}

export const PROBABILITY: Kind<number> = {
  type: 'a number from 0 to 1',
  parse: (text) => (/^[\d.]+(?:e-\d+)?$/i.test(text) && Number(text) <= 1 ? Number(text) : undefined),
};

/** A whole number in decimal digits. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): Kind<number> {
  const isLegal = (number: number) => number >= min && number <= max;
  return {
    type:
      max < Number.MAX_SAFE_INTEGER
        ? `a whole number from ${min} to ${max}`
        : `a whole number of at least ${min}`,
    parse: (text) => (/^\d+$/.test(text) && isLegal(Number(text)) ? Number(text) : undefined),
  };
}

/** One of some names in lower case; a value may have it in any case. */
export function oneOf<const T extends string>(names: readonly T[]): Kind<T> {
  const parse = (text: string) => names.find((name) => name === text.toLowerCase());
  return { type: `one of ${names.join(', ')}`, parse };
}

/** Names separated by commas, each once; or `none`. */
export function anyOf<T extends string>(names: readonly T[]): Kind<readonly T[]> {
  const parse = (text: string) => {
    const items = itemsOf(text.toLowerCase());
    const found = names.filter((name) => items.includes(name));
    return found.length === items.length || String(items) === 'none' ? found : undefined;
  };
  return { type: `any of ${names.join(', ')}; or none`, parse };
}

/**
 * Pairs by their keys, percent-encoded as in W3C Baggage. With one malformed pair, the list is illegal. Values may be secret.
 *
 * @param type the form of a legal list, for warnings and documents
 * @param isLegal whether a value, still encoded, is legal
 * @param finish changes the pairs, or throws for an illegal pair
 */
export function pairs(
  type: string,
  isLegal: (value: string) => boolean,
  finish = (pairs: Record<string, string>) => pairs,
): Kind<Readonly<Record<string, string>>> {
  const pairOf = (item: string): [key: string, value: string] => {
    const [, key, value = ''] = /^([^=]*[^=\s])\s*=\s*(.*)$/s.exec(item) ?? [];
    if (key === undefined || !isLegal(value)) throw new Error('This is not a pair.');
    return [decodeURIComponent(key), decodeURIComponent(value)];
  };
  return {
    type,
    isSecret: true,
    parse(text) {
      try {
        return finish(Object.fromEntries(itemsOf(text).map(pairOf)));
      } catch {
        return undefined; // the error may hold the value
      }
    },
  };
}

/** A file, whose content is the value. */
export const FILE: Kind<Buffer> = {
  type: 'a readable file',
  parse(text) {
    try {
      return readFileSync(text);
    } catch {
      return undefined;
    }
  },
};

/** The parts of a comma-separated list, without blanks, each once. */
function itemsOf(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '');
}
