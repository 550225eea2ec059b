import t from 'tap';
import type { DemoTrace } from '../testing/demo-data/index.ts';
import {
  DEEP_LEVELS,
  demoTraces,
  FAILING_SERVICE,
  SLOW_DATABASE,
  SLOW_USER,
  WIDE_CHILDREN,
} from '../testing/demo-data/index.ts';
import { demoBodies } from '../testing/demo-data/send.ts';

const now = Date.parse('2026-11-20T09:00:00Z');
const traces = [...demoTraces({ now })];
const spans = traces.flatMap((trace) => trace.spans);

/** The one at that place; those after it are not made. */
function nth(made: Iterable<DemoTrace>, place: number): DemoTrace | undefined {
  let at = 0;
  for (const trace of made) if (at++ === place) return trace;
  return undefined;
}

t.test('the demo data is as large as asked for, recent, and the same for the same seed', (t) => {
  t.equal(new Set(spans.map(({ service }) => service)).size, 230);
  t.ok(Math.abs(spans.length - 20_000) < 1000, `${spans.length} spans`);
  const starts = spans.map(({ start = 0n }) => Number(start / 1_000_000n));
  t.ok(starts.every((start) => start > now - 3_600_000 - 5000 && start < now));
  t.strictSame(nth(demoTraces({ now }), 40), traces[40]);
  t.not(
    nth(demoTraces({ now: now + 3_600_000 }), 40)?.traceId,
    traces[40]?.traceId,
    'can be sent again later',
  );
  t.equal(
    [...demoTraces({ now, services: 40, spans: 2000, small: true })].flatMap((trace) => trace.spans).length <
      2200,
    true,
  );
  t.end();
});

t.test('the data has traces that are hard to show', (t) => {
  t.equal(of('wide').spans.length, WIDE_CHILDREN + 1);
  t.equal(of('deep').spans.length, DEEP_LEVELS);
  const ids = new Set(of('missing parents').spans.map(({ spanId }) => spanId));
  t.ok(
    of('missing parents').spans.some(
      ({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId),
    ),
  );
  t.ok(of('missing root').spans.every(({ parentSpanId }) => parentSpanId !== undefined));
  t.ok(
    new Set(of('duplicate ids').spans.map(({ spanId }) => spanId)).size < of('duplicate ids').spans.length,
  );
  t.ok(
    of('links').spans[0]?.links?.every(({ traceId }) => traces.some((trace) => trace.traceId === traceId)),
  );
  t.ok((of('events').spans[1]?.events?.length ?? 0) >= 10);
  t.strictSame(
    of('queue')
      .spans.slice(1, 3)
      .map(({ kind }) => kind),
    [4, 5],
    'a producer, then its consumer',
  );
  const names = new Set(spans.flatMap(({ name = '', service = '' }) => [name, service]));
  for (const script of ['Han', 'Hangul', 'Hebrew', 'Arabic', 'Extended_Pictographic']) {
    const written =
      script === 'Extended_Pictographic'
        ? /\p{Extended_Pictographic}/u
        : new RegExp(`\\p{sc=${script}}`, 'u');
    t.ok(
      [...names].some((name) => written.test(name)),
      script,
    );
  }
  t.end();
});

t.test('slow and failing requests stand out', (t) => {
  const requests = traces.filter(({ shape }) => shape === 'request').map((trace) => trace.spans.at(-1));
  const byUser = (slow: boolean) =>
    median(
      requests
        .filter((root) => (root?.attributes?.['user.id'] === SLOW_USER) === slow)
        .map((root) => root?.durationMs ?? 0),
    );
  t.ok(byUser(true) > 5 * byUser(false), `${byUser(true)} beside ${byUser(false)} ms`);
  const statements = (ledger: boolean) =>
    median(
      spans
        .filter(
          ({ attributes = {} }) =>
            'db.query.text' in attributes &&
            (attributes['db.namespace'] === SLOW_DATABASE.namespace) === ledger,
        )
        .map(({ durationMs = 0 }) => durationMs),
    );
  t.ok(statements(true) > 20 * statements(false));
  const failing = new Map<string, number>();
  for (const { service = '', kind, events = [] } of spans) {
    if (kind === 2 && events.length > 0) failing.set(service, (failing.get(service) ?? 0) + 1);
  }
  const [worst] = [...failing].toSorted(([, a], [, b]) => b - a);
  t.equal(worst?.[0], FAILING_SERVICE);
  t.end();
});

t.test('the data has log lines of every kind', (t) => {
  const lines = traces.flatMap(({ logs }) => logs);
  t.ok(lines.length > 5000, `${lines.length} lines`);
  const levels = new Set(lines.map(({ severity }) => severity));
  for (const severity of [0, 1, 5, 9, 13, 17, 21]) t.ok(levels.has(severity), `severity ${severity}`);
  t.ok(lines.some(({ attributes = {} }) => 'exception.stacktrace' in attributes));
  t.ok(
    lines.some(({ traceId }) => traceId === undefined),
    'of no trace',
  );
  t.ok(
    lines.some(({ traceId, spanId }) => traceId !== undefined && spanId === undefined),
    'of no span',
  );
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const late = of('log lines').logs.filter(({ spanId }) => spanId !== undefined && !ids.has(spanId));
  t.equal(late.length, 1, 'of a span that never came');
  t.equal(of('stray lines').spans.length, 0);
  const times = of('request').logs.map(({ time = 0n }) => Number(time / 1_000_000n));
  t.ok(times.every((time) => time > now - 3_600_000 - 5000 && time < now));
  t.end();
});

t.test('bodies hold all spans and log lines', (t) => {
  const bodies = [...demoBodies(traces)];
  t.equal(
    bodies.reduce((sum, body) => sum + body.spans, 0),
    spans.length,
  );
  const lines = traces.flatMap(({ logs }) => logs);
  t.equal(
    bodies.reduce((sum, body) => sum + body.logs, 0),
    lines.length,
  );
  t.ok(bodies.every(({ body }) => body.length > 400 && body.length < 2_000_000));
  t.end();
});

function of(shape: DemoTrace['shape']): DemoTrace {
  const found = traces.find((trace) => trace.shape === shape);
  if (found === undefined) throw new Error(`There is no trace of shape ${shape}.`);
  return found;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
