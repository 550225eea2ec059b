import { readFileSync } from 'node:fs';
import type { HoneycombEndpoint } from './honeycomb.ts';
import { HONEYCOMB_EU, HONEYCOMB_US, honeycombEndpointOf } from './honeycomb.ts';
import { readRates } from './sampling-rates.ts';

/** A variable that telemetry reads. */
export interface Variable<T> {
  /** What its value must be, for warnings and documents. */
  readonly type: string;
  /** What counts where nothing is said, or nothing that can be followed. */
  readonly otherwise: T;
  /** What it does, for documents. */
  readonly does: string;
  /** Each has a form of the name of its own, which goes before it: `OTEL_EXPORTER_OTLP_TRACES_TIMEOUT`. */
  readonly parts: readonly Part[];
  /** Its value never stands in a warning. */
  readonly isSecret?: boolean;
  /** Undefined for a value that cannot be followed. */
  parse(text: string): T | undefined;
}

/** A signal, or what attributes belong to. */
export type Part = 'TRACES' | 'LOGS' | 'SPAN' | 'LOGRECORD';

export const SIGNALS: readonly Part[] = ['TRACES', 'LOGS'];
export const ITEMS: readonly Part[] = ['SPAN', 'LOGRECORD'];

type Optional<T> = Variable<T | undefined>;

function optional<T>(
  type: string,
  does: string,
  parse: (text: string) => T | undefined,
  parts: readonly Part[] = [],
): Optional<T> {
  return { type, otherwise: undefined, does, parts, parse };
}

export function text(type: string, does: string): Optional<string> {
  return optional(type, does, (value) => value);
}

export function unsupported(does: string): Optional<never> {
  return optional('left unset', does, () => undefined);
}

/** What cannot be a key of Honeycomb's is not sent; the entry `./honeycomb` says what is wrong with it. */
export function honeycombKey(does: string): Optional<string> {
  const parse = (value: string) => (/^[\w-]{22,128}$/.test(value) ? value : undefined);
  return { ...optional('22 to 128 letters, digits and _', does, parse), isSecret: true };
}

/** Every service without a name of its own has that one. */
export function serviceName(does: string): Optional<string> {
  return optional('a name of its own', does, (value) =>
    /^unknown_service(:|$)/.test(value) ? undefined : value,
  );
}

/** The text, which samplers read again. */
export function rates(does: string): Optional<string> {
  const type = 'a number from 0 to 1, with others for routes behind it (0.1;GET /orders=0.01)';
  return optional(type, does, (value) => readRates(value) && value);
}

export function url(does: string): Optional<string> {
  const parse = (value: string) => (/^https?:$/.test(URL.parse(value)?.protocol ?? '') ? value : undefined);
  return optional('an http or https URL', does, parse, SIGNALS);
}

export function pem(does: string): Optional<string> {
  const parse = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  };
  return optional('a PEM file that can be read', does, parse, SIGNALS);
}

export function honeycomb(does: string): Variable<HoneycombEndpoint> {
  const type = `${HONEYCOMB_US} (US), ${HONEYCOMB_EU} (EU) or a proxy's URL`;
  return {
    type,
    otherwise: { url: HONEYCOMB_US, region: 'US' },
    does,
    parts: [],
    parse: honeycombEndpointOf,
  };
}

export function flag(does: string): Variable<boolean> {
  const parse = (value: string) => ({ true: true, false: false })[value.toLowerCase()];
  return { type: 'true or false', otherwise: false, does, parts: [], parse };
}

/** A whole number of at least `min`; Infinity is no limit. */
export function whole(
  otherwise: number,
  min: number,
  does: string,
  parts: readonly Part[] = [],
): Variable<number> {
  const parse = (value: string) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && Number.isSafeInteger(number) ? number : undefined;
  };
  return { type: `a whole number of at least ${min}`, otherwise, does, parts, parse };
}

export function oneOf<T extends string>(
  allowed: readonly T[],
  otherwise: T,
  does: string,
  parts: readonly Part[] = [],
): Variable<T> {
  const parse = (value: string) => allowed.find((item) => item === value.toLowerCase());
  return { type: `one of ${allowed.join(', ')}`, otherwise, does, parts, parse };
}

export function list(does: string): Variable<readonly string[]> {
  return { type: 'a list, by commas', otherwise: [], does, parts: [], parse: itemsOf };
}

/** Names by commas, each once; or `none`. */
export function listOf<T extends string>(
  names: readonly T[],
  otherwise: readonly T[],
  does: string,
): Variable<readonly T[]> {
  const parse = (value: string) => {
    const items = itemsOf(value.toLowerCase());
    const found = items.flatMap((item) => names.find((name) => name === item) ?? []);
    return found.length === items.length || String(items) === 'none' ? found : undefined;
  };
  return { type: `any of ${names.join(', ')}; or none`, otherwise, does, parts: [], parse };
}

type Pairs = Readonly<Record<string, string>>;

const NONE: Pairs = Object.freeze({});

/** `key1=value1,key2=value2` with percent-encoded values, as W3C Baggage writes it; one that is malformed spoils all. */
export function pairs(does: string): Variable<Pairs> {
  return { type: 'a list key1=value1,key2=value2', otherwise: NONE, does, parts: [], parse: pairsOf };
}

/** Headers by their names in lower case. */
export function headers(does: string): Variable<Pairs> {
  const parse = (value: string) => {
    const found = pairsOf(value);
    try {
      return found && Object.fromEntries(new Headers(found));
    } catch {
      return undefined; // the error of `Headers` shows the value
    }
  };
  const type = 'a list of headers key1=value1,key2=value2, values percent-encoded';
  return { type, otherwise: NONE, does, parts: SIGNALS, isSecret: true, parse };
}

function pairsOf(value: string): Pairs | undefined {
  try {
    const entries = itemsOf(value).map((pair) => {
      const [, key = '', rest = ''] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      return [decodeURIComponent(key.trim()), decodeURIComponent(rest.trim())] as const;
    });
    return entries.some(([key]) => key === '') ? undefined : Object.fromEntries(entries);
  } catch {
    return undefined; // a malformed percent-encoding
  }
}

/** The parts of a comma-separated list, without blanks, each once. */
function itemsOf(value: string): string[] {
  const items = value.split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '');
}
