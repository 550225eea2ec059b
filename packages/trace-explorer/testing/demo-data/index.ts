import type { PlainLogRecord, PlainSpan } from '@tandem/otlp/testing';
import { linesOf, strayLines, unusualLines } from './log-lines.ts';
import { DemoRandom } from './random-ids.ts';
import { pickUser, RequestTraces } from './request-trace.ts';
import type { DemoService } from './services.ts';
import { demoServices } from './services.ts';
import {
  addDuplicateIds,
  addImpossible,
  addMissingParents,
  addMissingRoot,
  addOtherHostsClock,
  addSameHostsClock,
} from './shapes/broken.ts';
import { addDeep, addLargeAttributes, addUnusualNames, addWide } from './shapes/large.ts';
import { addEvents, addLinks, addLogLines, addQueue } from './shapes/messages.ts';
import { TraceBuilder } from './trace-builder.ts';

export { SLOW_USER } from './request-trace.ts';
export { FAILING_SERVICE, SLOW_DATABASE } from './services.ts';
export { DEEP_LEVELS, WIDE_CHILDREN } from './shapes/large.ts';

export interface DemoOptions {
  readonly seed?: number;
  /** How many services there are, 4 or more. */
  readonly services?: number;
  /** Spans in all, about; the special shapes alone are 5,400 of them. */
  readonly spans?: number;
  /** Over which the traces spread, up to `now`. */
  readonly minutes?: number;
  /** Milliseconds since the epoch; ids differ with it, so that the data can be sent again an hour later. */
  readonly now?: number;
  /** Without the traces of thousands of spans, for tests that need no large trace. */
  readonly small?: boolean;
}

/** Spans of all special shapes together, nearly. */
const SHAPE_SPANS = 5400;

/** What there is one trace of each; an ordinary one is a `request`. */
export type DemoShape = keyof typeof SHAPES | 'links' | 'stray lines' | 'request';

export interface DemoTrace {
  readonly shape: DemoShape;
  readonly traceId: string;
  readonly spans: readonly PlainSpan[];
  /** Log records that belong to it; of `stray lines` also some of no trace. */
  readonly logs: readonly PlainLogRecord[];
}

const SHAPES = {
  deep: addDeep,
  wide: addWide,
  'large attributes': addLargeAttributes,
  'unusual names': addUnusualNames,
  'missing parents': addMissingParents,
  'missing root': addMissingRoot,
  'duplicate ids': addDuplicateIds,
  impossible: addImpossible,
  'clock of another host': addOtherHostsClock,
  'clock of the same host': addSameHostsClock,
  queue: addQueue,
  events: addEvents,
  'log lines': addLogLines,
} as const;

export const DEMO_DEFAULTS = { seed: 1, services: 230, spans: 20_000, minutes: 60 } as const;

/**
 * Traces as somebody else's system sends them, oldest first: many services that call each other, databases, one slow
 * user among many, one slow database, a service that fails, log lines, and one trace of every shape that is hard to show. The same
 * for the same options, `now` included.
 */
export function* demoTraces(options: DemoOptions = {}): Generator<DemoTrace> {
  const {
    seed,
    services: count,
    spans,
    minutes,
    now = Date.now(),
    small = false,
  } = { ...DEMO_DEFAULTS, ...options };
  const layers = demoServices(new DemoRandom(seed), count);
  const random = new DemoRandom(seed, seed + (Math.floor(now) | 0));
  const requests = new RequestTraces();
  const shapes = Object.keys(SHAPES).filter((shape) => !small || (shape !== 'wide' && shape !== 'deep'));
  const entries = layers[0] ?? [];
  const start = now - minutes * 60_000;
  const linked: { traceId: string; spanId: string }[] = [];
  let made = small ? 0 : SHAPE_SPANS;
  for (let i = 0; made < spans || shapes.length > 0; i++) {
    // The last ones end before now: the longest of them takes some seconds.
    const startMs = start + Math.min(1, made / spans) * (minutes * 60_000 - 10_000);
    const trace = new TraceBuilder(random, startMs);
    const shape =
      i % 20 === 19 || made >= spans ? (shapes.shift() as keyof typeof SHAPES | undefined) : undefined;
    if (shape === undefined)
      requests.add(trace, entries[i % entries.length] as DemoService, pickUser(random, i));
    else SHAPES[shape](trace, someServices(layers, random));
    if (shape === undefined || small) made += trace.spans.length;
    if (linked.length < 12) linked.push({ traceId: trace.traceId, spanId: trace.spans.at(-1)?.spanId ?? '' });
    const logs = shape === 'log lines' ? unusualLines(trace.spans, random.id(8)) : linesOf(trace.spans);
    yield { shape: shape ?? 'request', traceId: trace.traceId, spans: trace.spans, logs };
  }
  const last = new TraceBuilder(random, now - 5000);
  addLinks(last, someServices(layers, random), linked);
  yield { shape: 'links', traceId: last.traceId, spans: last.spans, logs: linesOf(last.spans) };
  const strayId = random.id(16);
  const [service = 'worker'] = someServices(layers, random).map(({ name }) => name);
  yield { shape: 'stray lines', traceId: strayId, spans: [], logs: strayLines(service, now, strayId) };
}

/** Half a dozen different services for a special trace. */
function someServices(layers: readonly (readonly DemoService[])[], random: DemoRandom): DemoService[] {
  const all = layers.flat();
  const first = random.below(all.length);
  return Array.from(
    { length: Math.min(6, all.length) },
    (_, i) => all[(first + i * 7) % all.length] as DemoService,
  );
}
