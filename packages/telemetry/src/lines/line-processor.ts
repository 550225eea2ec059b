import type { Attributes, Context } from '@opentelemetry/api';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { codeLines } from '../api/code-lines.ts';
import { quietly } from '../api/quietly.ts';
import type { ReadableSpan, Span, SpanProcessor } from '../sdk/engine.ts';
import { lookUp } from './app-place.ts';
import { askedBy, asking, notePool } from './asked-pool.ts';
import { placeIn } from './error-place.ts';
import type { Place } from './place.ts';

/** After this many equal lines in a row of one operation below one span, the next calls have the line unseen. */
const SURE_AFTER = 3;
/** Operations below one span that are remembered. */
const MOST_OPERATIONS = 100;
/** Characters of a path that tell it apart. */
const MOST_COMPARED = 500;

/** An operation, and the lines of its last calls below one span. */
interface Seen {
  readonly name: string;
  readonly address: unknown;
  readonly port: unknown;
  /** Without ids. */
  readonly path: string | undefined;
  readonly statement: unknown;
  place: Place | undefined;
  times: number;
}

/**
 * Writes the line of code that made a call on its span: CLIENT and PRODUCER spans of any instrumentation, at their start,
 * while the caller is on the stack. A failed span of another kind has the line of its exception's first frame in the app.
 *
 * @param folder that paths are relative to
 */
export function codeLineProcessor(folder: string): SpanProcessor {
  const places = new WeakMap<object, Place>();
  const seen = new WeakMap<object, Seen[]>();
  codeLines.value = { folder, asking, notePool };
  return {
    onStart(span: Span, parentContext: Context) {
      if (!isCall(span)) return;
      // Few frames of ours: each is walked through.
      try {
        const place = placeOf(span, parentContext);
        if (place !== undefined) places.set(span, place);
      } catch (error) {
        quietly(() => {
          throw error;
        });
      }
    },
    onEnd(span: ReadableSpan) {
      quietly(() => {
        const place = isCall(span) ? places.get(span) : failedPlace(span);
        if (place !== undefined) write(span, place);
      });
    },
    async forceFlush() {},
    async shutdown() {
      codeLines.value = undefined;
    },
  };

  function placeOf(span: Span, parentContext: Context): Place | undefined {
    const parent = trace.getSpan(parentContext);
    const operations = parent && (seen.get(parent) ?? []);
    const { name, attributes } = span;
    const { 'server.address': address, 'server.port': port, 'db.query.text': statement } = attributes;
    const path = shapeOf(attributes['url.path']);
    const before = operations?.find(
      (each) =>
        each.path === path &&
        each.statement === statement &&
        each.name === name &&
        each.port === port &&
        each.address === address,
    );
    if (before !== undefined && before.times >= SURE_AFTER) return before.place;
    // In a pool's callback, whoever asked the pool made the call, and nobody where that is unknown.
    const looked = lookUp();
    const place = looked.isBehindPool ? askedBy(parentContext) : looked.place;
    if (before !== undefined) {
      before.times = before.place === place ? before.times + 1 : 1;
      before.place = place;
    } else if (parent !== undefined && operations !== undefined && operations.length < MOST_OPERATIONS) {
      operations.push({ name, address, port, path, statement, place, times: 1 });
      if (operations.length === 1) seen.set(parent, operations);
    }
    return place;
  }
}

function isCall({ kind, attributes }: { readonly kind: SpanKind; readonly attributes: Attributes }): boolean {
  return kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER || 'graphql.operation.type' in attributes;
}

/** The path of a URL without ids. */
function shapeOf(path: unknown): string | undefined {
  if (typeof path !== 'string') return undefined;
  const compared = path.slice(0, MOST_COMPARED);
  return /\d/.test(compared) ? compared.replace(/[^/]*\d[^/]*/g, '…') : compared;
}

/** The place in the app where a span's exception began. The span of a test has the line of the test's own file. */
function failedPlace({ status, events, attributes }: ReadableSpan): Place | undefined {
  if (status.code !== SpanStatusCode.ERROR || 'test.suite.name' in attributes) return undefined;
  const stack = events.findLast(({ name }) => name === 'exception')?.attributes?.['exception.stacktrace'];
  return typeof stack === 'string' ? placeIn(stack) : undefined;
}

/** Writes a place on an ended span, in place of an earlier one. A call's own attributes stay. */
function write(span: ReadableSpan, place: Place): void {
  const { attributes } = span;
  if (isCall(span) && 'code.file.path' in attributes) return;
  if ('code.file.path' in attributes)
    for (const key of ['code.line.number', 'code.column.number', 'code.function.name']) delete attributes[key];
  Object.assign(attributes, place.attributes);
}
