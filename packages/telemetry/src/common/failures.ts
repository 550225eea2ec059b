import { types } from 'node:util';
import type { Span, SpanStatus, TimeInput } from '@opentelemetry/api';
import { SpanStatusCode } from '@opentelemetry/api';

/**
 * Marks a span as failed by the semantic conventions for exceptions and errors: an `exception` event, `error.type` (low
 * cardinality) and status Error with the message.
 *
 * @param time of the exception; default: now
 */
export function recordFailure(span: Span, error: unknown, time?: TimeInput): void {
  if (!span.isRecording()) return;
  const failure = failureOf(error);
  span.recordException(failure, time);
  setFailed(span, errorType(error), failure.message);
}

/** Marks a span as failed without an event: `error.type` and status Error. */
export function setFailed(span: Span, type: string, message?: string): void {
  const code = SpanStatusCode.ERROR;
  span.setAttribute('error.type', type).setStatus(message === undefined ? { code } : { code, message });
}

/** Whether a span says that it failed. */
export function hasFailed(span: Span): boolean {
  return 'status' in span && (span.status as SpanStatus).code === SpanStatusCode.ERROR;
}

/** What a thrown value says of itself. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  /** Empty without one: that of an error made here would name this file as the place. */
  readonly stack: string;
  /** Only of texts: the number of a DOMException tells nobody anything, and the SDK would take it for the type. */
  readonly code?: string;
}

/**
 * Reads a thrown value, which may be anything: an error, a text or any other object. An object without a message is named by
 * its members, not by their values. Reading a member may run code of the app; what that code throws is caught here.
 */
export function failureOf(thrown: unknown): Failure {
  const [name, message, stack, code] = MEMBERS.map((member) => textAt(thrown, member));
  return {
    name: name || 'Error',
    message: message ?? describe(thrown),
    stack: stack ?? '',
    ...(code && { code }),
  };
}

/** `error.type` of a thrown value: the code when the code is stable (`ECONNREFUSED`, `FST_ERR_…`), else the class name. */
export function errorType(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER';
  const ofClass = readable(() => error.constructor?.name);
  return (
    textAt(error, 'code') || textAt(error, 'name') || (typeof ofClass === 'string' && ofClass) || '_OTHER'
  );
}

/**
 * Whether a value is an error, also an error of another realm. Jest runs tests in a realm of their own: Node's errors are
 * no instances of the realm's `Error`.
 */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

const MEMBERS = ['name', 'message', 'stack', 'code'] as const;
/** Members of a thrown object that are named, and characters of the name of each. */
const MOST_MEMBERS = 10;
const MOST_CHARACTERS = 40;

/** A member of an object that is a text. */
function textAt(value: unknown, member: string): string | undefined {
  const isObject = typeof value === 'object' && value !== null;
  const text = isObject ? readable(() => Reflect.get(value, member)) : undefined;
  return typeof text === 'string' ? text : undefined;
}

/** A thrown value without a message as a text. */
function describe(thrown: unknown): string {
  if (typeof thrown === 'function')
    return readable(() => `the function ${thrown.name}`.trimEnd()) ?? 'a function';
  const text = readable(() => String(thrown));
  if (typeof thrown !== 'object' || thrown === null || text?.startsWith('[object ') === false)
    return text ?? '';
  const members = readable(() => Object.keys(thrown)) ?? [];
  const named = members.slice(0, MOST_MEMBERS).map((member) => member.slice(0, MOST_CHARACTERS));
  if (members.length > MOST_MEMBERS) named.push('…');
  return named.length === 0
    ? 'an object without a message'
    : `an object without a message: { ${named.join(', ')} }`;
}

/** What `read` returns; undefined where it throws. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
