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
/** Characters of a statement that tell it apart. */
const MOST_COMPARED = 500;

/** The lines of an operation's last calls below one span. */
interface Seen {
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
  const seen = new WeakMap<object, Map<string, Seen>>();
  codeLines.value = { folder, asking, notePool };
  return {
    onStart(span: Span, parentContext: Context) {
      if (!isCall(span)) return;
      quietly(() => {
        const place = placeOf(span, parentContext);
        if (place !== undefined) places.set(span, place);
      });
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
    if (parent === undefined) return callingPlace(parentContext);
    let operations = seen.get(parent);
    if (operations === undefined) {
      operations = new Map();
      seen.set(parent, operations);
    }
    const operation = operationOf(span);
    const before = operations.get(operation);
    if (before !== undefined && before.times >= SURE_AFTER) return before.place;
    const place = callingPlace(parentContext);
    if (before !== undefined && before.place === place) before.times++;
    else if (before !== undefined || operations.size < MOST_OPERATIONS)
      operations.set(operation, { place, times: 1 });
    return place;
  }
}

/** The place that made a call. In a pool's callback, whoever asked the pool made it, and nobody where that is unknown. */
function callingPlace(parentContext: Context): Place | undefined {
  const { place, isBehindPool } = lookUp();
  return isBehindPool ? askedBy(parentContext) : place;
}

function isCall({ kind, attributes }: { readonly kind: SpanKind; readonly attributes: Attributes }): boolean {
  return kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER || 'graphql.operation.type' in attributes;
}

/** The called operation, without ids in the path of a URL. */
function operationOf({ name, attributes }: Span): string {
  const { 'server.address': address = '', 'server.port': port = '', 'db.query.text': text = '' } = attributes;
  const path = String(attributes['url.path'] ?? '').slice(0, MOST_COMPARED);
  const shape = path.replace(/[^/]*\d[^/]*/g, '…');
  return `${name} ${address} ${port} ${shape} ${String(text).slice(0, MOST_COMPARED)}`;
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
  for (const key of ['code.line.number', 'code.column.number', 'code.function.name']) delete attributes[key];
  Object.assign(attributes, place.attributes);
}
