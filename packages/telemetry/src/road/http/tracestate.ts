import type { TraceState } from '@opentelemetry/api';

/** Most list members that a tracestate may have (W3C Trace Context level 2, "list"). */
const MAX_MEMBERS = 32;

const KEY = '[a-z0-9][a-z0-9_\\-*/@]{0,255}';
/** Printable ASCII except comma and equals sign; the last character is not a space. */
const VALUE = '[ -+\\--<>-~]{0,255}[!-+\\--<>-~]';
const LEGAL_KEY = new RegExp(`^${KEY}$`);
const LEGAL_VALUE = new RegExp(`^${VALUE}$`);
const MEMBER = new RegExp(`^[ \\t]*(${KEY})=(${VALUE})[ \\t]*$`);
const EMPTY_MEMBER = /^[ \t]*$/;

/**
 * The `tracestate` of W3C Trace Context level 2: immutable, in the order received, modified members first.
 *
 * The first read parses the header. A list that breaks the grammar (illegal key or value, more than 32 members) is
 * discarded as a whole, as the specification says. The size has no other limit.
 *
 * The trace state also holds the random flag of level 2. Programs compare a span's flags with 1, and the official SDK makes
 * the flags of every span anew, so the flags cannot hold the random flag.
 */
export class W3CTraceState implements TraceState {
  /** Whether the right-most 7 bytes of the trace id are known to be random. */
  readonly randomTraceId: boolean;
  readonly #header: string;
  #members: ReadonlyMap<string, string> | undefined;

  /** @param header the combined header value, unchecked; an illegal value reads as an empty list. */
  constructor(header = '', randomTraceId = false) {
    this.#header = header;
    this.randomTraceId = randomTraceId;
  }

  get(key: string): string | undefined {
    return this.#parsed().get(key);
  }

  /** Returns a new list with the member in front. A full list loses its right-most member. Illegal members are ignored. */
  set(key: string, value: string): W3CTraceState {
    if (!LEGAL_KEY.test(key) || !LEGAL_VALUE.test(value)) return this;
    const others = [...this.#parsed()].filter(([otherKey]) => otherKey !== key);
    return this.#with(new Map([[key, value] as const, ...others].slice(0, MAX_MEMBERS)));
  }

  unset(key: string): W3CTraceState {
    if (!this.#parsed().has(key)) return this;
    return this.#with(new Map([...this.#parsed()].filter(([otherKey]) => otherKey !== key)));
  }

  /** The header to send; empty when there is nothing to send. */
  serialize(): string {
    if (this.#parsed().size === 0) return ''; // nearly all traces
    return Array.from(this.#parsed(), ([key, value]) => `${key}=${value}`).join(',');
  }

  #with(members: ReadonlyMap<string, string>): W3CTraceState {
    const state = new W3CTraceState('', this.randomTraceId);
    state.#members = members;
    return state;
  }

  #parsed(): ReadonlyMap<string, string> {
    this.#members ??= parse(this.#header);
    return this.#members;
  }
}

/** The state of a new trace of this process: a random id, and no members. */
export const RANDOM_TRACE_STATE = new W3CTraceState('', true);

const NO_MEMBERS: ReadonlyMap<string, string> = new Map();

function parse(header: string): ReadonlyMap<string, string> {
  if (header === '') return NO_MEMBERS;
  const texts = header.split(',').filter((text) => !EMPTY_MEMBER.test(text));
  if (texts.length > MAX_MEMBERS) return NO_MEMBERS;
  const members = new Map<string, string>();
  for (const text of texts) {
    const [, key, value = ''] = MEMBER.exec(text) ?? [];
    if (key === undefined) return NO_MEMBERS;
    // Members are added on the left, so the first of two duplicates is the newer one.
    if (!members.has(key)) members.set(key, value);
  }
  return members;
}
