import type { Attributes, Context } from '@opentelemetry/api';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { ATTR_LOOP } from '../../attributes.ts';
import { codeLines } from '../../common/code-lines.ts';
import { answer } from '../../road/http/call.ts';
import type { ReadableSpan, Span, SpanProcessor } from '../../road/spans/engine.ts';
import { pathShape } from '../../road/spans/request-name.ts';
import { noteFetch, takeAsked } from './asked-fetch.ts';
import { placeIn, placeWithoutLine } from './error-place.ts';
import { lineOf } from './line-of.ts';
import type { Called } from './loop-place.ts';
import { askedBy, asking, callerIn, lineOfAsked } from './loop-place.ts';
import type { Place } from './place.ts';

/** After this many equal lines in a row of one operation below one span, the next calls have the line unseen. */
const SURE_AFTER = 3;
/** Operations below one span that are remembered. */
const MOST_OPERATIONS = 100;

/** An operation, and the line of its last calls below one span. */
interface Seen {
  readonly name: string;
  readonly address: unknown;
  readonly port: unknown;
  readonly statement: unknown;
  readonly path: unknown;
  called: Called;
  times: number;
}

/** The calls below one span. */
interface Calls {
  readonly operations: Seen[];
  /** The operation of the last HTTP call. */
  requested?: Seen | undefined;
}

const NOWHERE: Called = { place: undefined, loop: undefined };
const PLACE = Symbol('place');
const CALLS = Symbol('calls');

/** A span. Its members are of no map: a WeakMap with each span of a process takes more time than a look. */
interface Noted {
  [PLACE]?: Called;
  [CALLS]?: Calls;
}

/**
 * Writes the line of code that made a call on its span: CLIENT and PRODUCER spans of any instrumentation, at their start,
 * while the caller is on the stack; and the line of the loop that made it through helpers. A failed span of another kind has
 * the line of its exception's first frame in the app.
 *
 * @param folder that paths are relative to
 */
export function codeLineProcessor(folder: string): SpanProcessor {
  codeLines.value = { folder, placeWithoutLine };
  const stops = [answer('asking', asking), answer('lineOf', lineOfAsked)];
  const stopFetch = noteFetch((active) => {
    if (codeLines.value === undefined) return false; // somebody else has replaced the replaced one
    const parent = trace.getSpan(active);
    return parent === undefined || (parent.isRecording() && !isSure((parent as Noted)[CALLS]?.requested));
  });
  return {
    onStart(span: Span, parentContext: Context) {
      if (!isCall(span)) return;
      (span as Noted)[PLACE] = calledFrom(span, parentContext);
    },
    onEnd(span: ReadableSpan) {
      const called = (span as Noted)[PLACE];
      const place = isCall(span) ? called?.place : failedPlace(span);
      if (place !== undefined) write(span, place, called?.loop);
    },
    async forceFlush() {},
    async shutdown() {
      for (const stop of stops) stop();
      stopFetch();
      codeLines.value = undefined;
    },
  };

  function calledFrom(span: Span, parentContext: Context): Called {
    const parent = trace.getSpan(parentContext) as Noted | undefined;
    if (parent === undefined) return callingPlace(span, parentContext);
    parent[CALLS] ??= { operations: [] };
    const calls = parent[CALLS];
    let seen = calls.operations.find((each) => isCallOf(each, span));
    if (isSure(seen)) return seen.called;
    const called = callingPlace(span, parentContext);
    if (seen === undefined) {
      seen = { ...operationOf(span), called, times: 0 };
      if (calls.operations.length < MOST_OPERATIONS) calls.operations.push(seen);
    }
    seen.times = seen.called.place === called.place ? seen.times + 1 : 1;
    seen.called = called;
    if (isRequest(span)) calls.requested = seen;
    return called;
  }
}

function isSure(seen: Seen | undefined): seen is Seen {
  return seen !== undefined && seen.times >= SURE_AFTER;
}

/** The place that made a call. In a pool's callback, and where no code of the app is on the stack, whoever asked the pool made it. */
function callingPlace(span: Span, parentContext: Context): Called {
  const { called } = (isRequest(span) && takeAsked()) || { called: callerIn(parentContext) };
  return (called?.place && called) ?? askedBy(parentContext) ?? NOWHERE;
}

function isRequest({ attributes }: Span): boolean {
  return 'url.full' in attributes;
}

function isCall({ kind, attributes }: { readonly kind: SpanKind; readonly attributes: Attributes }): boolean {
  return kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER || 'graphql.operation.type' in attributes;
}

function operationOf({ name, attributes }: Span): Omit<Seen, 'called' | 'times'> {
  return {
    name,
    address: attributes['server.address'],
    port: attributes['server.port'],
    statement: attributes['db.query.text'],
    path: attributes['url.path'],
  };
}

/** Whether a span calls an operation, apart from ids in the path. Nothing is joined to a text, which takes longer. */
function isCallOf(
  { name, address, port, statement, path }: Seen,
  { name: called, attributes }: Span,
): boolean {
  return (
    name === called &&
    statement === attributes['db.query.text'] &&
    port === attributes['server.port'] &&
    address === attributes['server.address'] &&
    (path === attributes['url.path'] || pathShape(String(path)) === pathShape(String(attributes['url.path'])))
  );
}

/** The place in the app where a span's exception began. The span of a test has the line of the test's own file. */
function failedPlace({ status, events, attributes }: ReadableSpan): Place | undefined {
  if (status.code !== SpanStatusCode.ERROR || 'test.suite.name' in attributes) return undefined;
  const stack = events.findLast(({ name }) => name === 'exception')?.attributes?.['exception.stacktrace'];
  return typeof stack === 'string' ? placeIn(stack) : undefined;
}

/** Writes a place on an ended span, in place of an earlier one. A call's own attributes stay. */
function write(span: ReadableSpan, place: Place, loop: Place | undefined): void {
  const { attributes } = span;
  if (isCall(span) && 'code.file.path' in attributes) return;
  if ('code.file.path' in attributes)
    for (const key of ['code.line.number', 'code.column.number', 'code.function.name'])
      delete attributes[key];
  Object.assign(attributes, place.attributes);
  if (loop !== undefined && loop !== place) attributes[ATTR_LOOP] = lineOf(loop);
}
