import type { TraceState } from '@opentelemetry/api';
import { skipWhiteSpace, skipWhiteSpaceBack } from './white-space.ts';

/** Most list members that a tracestate may have (W3C Trace Context level 2, "list"). */
const MAX_MEMBERS = 32;
/** Longest key and longest value, in characters. */
const MAX_KEY_LENGTH = 256;
const MAX_VALUE_LENGTH = 256;

/**
 * The `tracestate` of W3C Trace Context level 2: immutable, in the order received, modified members first.
 *
 * The header is parsed when somebody first asks. A list that breaks the grammar (illegal key or value, more
 * than 32 members) is discarded as a whole, as the specification says. The size is not limited beyond that.
 *
 * It also remembers the level 2 random flag of its trace: programs compare a span's flags with 1, and the official SDK
 * makes them anew for every span, so only the trace state can carry it.
 */
export class W3CTraceState implements TraceState {
  /** Whether the right-most 7 bytes of the trace id are known to be random. */
  readonly randomTraceId: boolean;
  #header: string;
  #members: ReadonlyMap<string, string> | undefined;

  /** @param header the combined header value, unchecked; what is illegal reads as an empty list. */
  constructor(header = '', randomTraceId = false) {
    this.#header = header;
    this.randomTraceId = randomTraceId;
  }

  get(key: string): string | undefined {
    return this.#parsed().get(key);
  }

  /** The member first in a new list; the right-most one gives way in a full list. Illegal ones are ignored. */
  set(key: string, value: string): W3CTraceState {
    if (!isKey(key, 0, key.length) || !isValue(value, 0, value.length)) return this;
    const members = new Map([[key, value]]);
    for (const [otherKey, otherValue] of this.#parsed()) {
      if (members.size === MAX_MEMBERS) break;
      if (otherKey !== key) members.set(otherKey, otherValue);
    }
    return W3CTraceState.#of(members, this.randomTraceId);
  }

  unset(key: string): W3CTraceState {
    if (!this.#parsed().has(key)) return this;
    const members = new Map(this.#parsed());
    members.delete(key);
    return W3CTraceState.#of(members, this.randomTraceId);
  }

  /** The header to send; empty when there is nothing to send. */
  serialize(): string {
    this.#parsed();
    return this.#header;
  }

  static #of(members: ReadonlyMap<string, string>, randomTraceId: boolean): W3CTraceState {
    const state = new W3CTraceState(join(members), randomTraceId);
    state.#members = members;
    return state;
  }

  #parsed(): ReadonlyMap<string, string> {
    if (this.#members === undefined) {
      this.#members = parse(this.#header);
      // A header without white space, empty members and duplicates is sent on as it came.
      if (joinedLength(this.#members) !== this.#header.length) this.#header = join(this.#members);
    }
    return this.#members;
  }
}

/** The state of a trace whose id was made at random here and that has no members yet. */
export const RANDOM_TRACE_STATE = new W3CTraceState('', true);

const NO_MEMBERS: ReadonlyMap<string, string> = new Map();

function parse(header: string): ReadonlyMap<string, string> {
  if (header === '') return NO_MEMBERS;
  const members = new Map<string, string>();
  let count = 0;
  for (let start = 0; start <= header.length; ) {
    let end = header.indexOf(',', start);
    if (end === -1) end = header.length;
    const from = skipWhiteSpace(header, start, end);
    const to = skipWhiteSpaceBack(header, from, end);
    start = end + 1;
    if (from === to) continue;
    const equals = header.indexOf('=', from);
    if (equals === -1 || !isKey(header, from, equals) || !isValue(header, equals + 1, to)) return NO_MEMBERS;
    if (++count > MAX_MEMBERS) return NO_MEMBERS;
    const key = header.slice(from, equals);
    // Of duplicates the first stays: members are added on the left, so it is the newer one.
    if (!members.has(key)) members.set(key, header.slice(equals + 1, to));
  }
  return members;
}

function join(members: ReadonlyMap<string, string>): string {
  let header = '';
  for (const [key, value] of members) header += header === '' ? `${key}=${value}` : `,${key}=${value}`;
  return header;
}

function joinedLength(members: ReadonlyMap<string, string>): number {
  let length = Math.max(members.size - 1, 0);
  for (const [key, value] of members) length += key.length + 1 + value.length;
  return length;
}

function isKey(text: string, from: number, to: number): boolean {
  if (to - from < 1 || to - from > MAX_KEY_LENGTH || !isLowerCaseOrDigit(text.charCodeAt(from))) return false;
  for (let i = from + 1; i < to; i++) {
    const code = text.charCodeAt(i);
    // 0x5f _  0x2d -  0x2a *  0x2f /  0x40 @
    const mark = code === 0x5f || code === 0x2d || code === 0x2a || code === 0x2f || code === 0x40;
    if (!mark && !isLowerCaseOrDigit(code)) return false;
  }
  return true;
}

function isValue(text: string, from: number, to: number): boolean {
  if (to - from < 1 || to - from > MAX_VALUE_LENGTH || text.charCodeAt(to - 1) === 0x20) return false;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    // Printable ASCII except comma and equals sign.
    if (code < 0x20 || code > 0x7e || code === 0x2c || code === 0x3d) return false;
  }
  return true;
}

function isLowerCaseOrDigit(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);
}
