import { readFileSync } from 'node:fs';
import { HONEYCOMB_EU, HONEYCOMB_US, honeycombBaseUrl } from './honeycomb.ts';

/** How the values of a variable are read. */
export interface Kind<T> {
  /** The form of a legal value, for warnings and documents. */
  readonly type: string;
  /** A warning does not show the value. */
  readonly isSecret?: boolean;
  /** Undefined for a value that cannot be followed. */
  parse(text: string): T | undefined;
}

export const FLAG: Kind<boolean> = {
  type: 'true or false',
  parse: (text) => ({ true: true, false: false })[text.toLowerCase()],
};

export const NAME = textThat('a name', () => true);
export const FOLDER = textThat('a folder', () => true);
export const UNSET = textThat('left unset', () => false);

/** Every service without a name of its own is called `unknown_service`. */
export const SERVICE_NAME = textThat('a name of its own', (text) => !/^unknown_service(:|$)/.test(text));

export const HTTP_URL = textThat('an http or https URL', (text) =>
  /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
);

/** The sampler reads the rates of routes. */
export const RATES = textThat(
  'a number from 0 to 1, with others for routes behind it (0.1;GET /orders=0.01)',
  (text) => isProbability(text.split(';')[0] ?? ''),
);

/** The entry `./honeycomb` checks a key more closely. */
export const HONEYCOMB_KEY: Kind<string> = {
  ...textThat('22 to 128 letters, digits and _', (text) => /^[\w-]{22,128}$/.test(text)),
  isSecret: true,
};

export const HONEYCOMB_ENDPOINT: Kind<string> = {
  type: `${HONEYCOMB_US} (US), ${HONEYCOMB_EU} (EU) or a proxy's URL`,
  parse: honeycombBaseUrl,
};

export const PEM: Kind<string> = {
  type: 'a PEM file that can be read',
  parse: (path) => unlessItThrows(() => readFileSync(path, 'utf8')),
};

/** A whole number. */
export function atLeast(min: number): Kind<number> {
  const isLegal = (number: number) => number >= min && Number.isSafeInteger(number);
  return {
    type: `a whole number of at least ${min}`,
    parse: (text) => (/^\d+$/.test(text) && isLegal(Number(text)) ? Number(text) : undefined),
  };
}

export function oneOf<T extends string>(names: readonly T[]): Kind<T> {
  const parse = (text: string) => names.find((name) => name === text.toLowerCase());
  return { type: `one of ${names.join(', ')}`, parse };
}

export const LIST: Kind<readonly string[]> = { type: 'a list, by commas', parse: itemsOf };

/** Names by commas, each once; or `none`. */
export function anyOf<T extends string>(names: readonly T[]): Kind<readonly T[]> {
  const parse = (text: string) => {
    const items = itemsOf(text.toLowerCase());
    const found = names.filter((name) => items.includes(name));
    return found.length === items.length || String(items) === 'none' ? found : undefined;
  };
  return { type: `any of ${names.join(', ')}; or none`, parse };
}

type Pairs = Readonly<Record<string, string>>;

/** Percent-encoded values, as W3C Baggage writes them. One malformed pair spoils the list. */
export const PAIRS: Kind<Pairs> = {
  type: 'a list key1=value1,key2=value2',
  parse: (text) => unlessItThrows(() => pairsOf(text)),
};

/** Headers by their names in lower case. */
export const HEADERS: Kind<Pairs> = {
  type: 'a list of headers key1=value1,key2=value2, values percent-encoded',
  isSecret: true,
  parse: (text) => unlessItThrows(() => Object.fromEntries(new Headers(pairsOf(text)))),
};

/** Whether a text is a number from 0 to 1. */
export function isProbability(text: string): boolean {
  return /^[\d.]+(?:e-\d+)?$/i.test(text) && Number(text) <= 1;
}

function textThat(type: string, isLegal: (text: string) => boolean): Kind<string> {
  return { type, parse: (text) => (isLegal(text) ? text : undefined) };
}

/** The error is not shown: it may hold the value. */
function unlessItThrows<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function pairsOf(text: string): Pairs {
  const entries = itemsOf(text).map((item) => {
    const [, key, value = ''] = /^([^=]+?)\s*=\s*(.*)$/.exec(item) ?? [];
    if (key === undefined) throw new Error('This is no pair.');
    return [decodeURIComponent(key), decodeURIComponent(value)] as const;
  });
  return Object.fromEntries(entries);
}

/** The parts of a comma-separated list, without blanks, each once. */
function itemsOf(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '');
}
