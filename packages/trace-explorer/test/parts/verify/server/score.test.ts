import t from 'tap';
import { categoryOf, SCORED, scoreOf } from '../../../../src/parts/verify/server/score.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeLogs, storeSpans } from '../../../spans.ts';

const id = ids();

t.test('the score weighs rules by their impact, and each range has its category', async (t) => {
  // 320 points in all.
  const score = (...failing: string[]) => scoreOf(new Set(failing)).toFixed(2);
  t.equal(score(), '100.00');
  t.equal(score('RES-005', 'SPA-001'), '81.25');
  t.equal(score('SDK-001', 'LOG-001'), '87.50');
  t.equal(score('RES-002', 'RES-003', 'RES-004', 'SPA-001'), '65.63');
  t.equal(scoreOf(new Set(SCORED)), 0);
  t.strictSame([100, 90, 89.9, 75, 74.9, 50, 49.9, 0].map(categoryOf), [
    'Excellent',
    'Excellent',
    'Good',
    'Good',
    'Needs Improvement',
    'Needs Improvement',
    'Poor',
    'Poor',
  ]);
  t.equal(SCORED.length, 12);
});

interface Line {
  service: string;
  severity: number;
  severityText: string;
  resource: Record<string, string>;
  time: bigint;
}

/** Numbers that are the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Spans and lines of a few services, some of which do something wrong. */
function traffic(seed: number): { spans: PlainSpan[]; lines: Line[] } {
  const next = numbers(seed);
  const services = Array.from({ length: 4 }, (_, n) => ({
    service: `service-${n}`,
    resource: {
      ...(next(3) > 0 && { 'service.instance.id': `instance-${n}` }),
      ...(next(3) === 0 && {
        'k8s.pod.name': `pod-${n}`,
        ...(next(2) === 0 && { 'k8s.pod.uid': `uid-${n}` }),
      }),
      ...(next(4) === 0 && { 'http.route': '/' }),
      'deployment.environment.name': next(2) === 0 ? 'production' : 'test',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.version': '2.0.0',
      'process.runtime.version': next(4) === 0 ? '16.0.0' : '22.1.0',
    },
  }));
  const spans: PlainSpan[] = [];
  for (let trace = 0; trace < 12; trace++) {
    const traceId = id(`${seed} ${trace}`, 16);
    const { [next(4)]: root } = services;
    for (let at_ = 0; at_ < 1 + next(60); at_++) {
      const sender = at_ === 0 || next(2) === 0 ? root : services[next(4)];
      if (sender === undefined) continue;
      const lost = next(300) === 0;
      spans.push({
        ...sender,
        traceId,
        spanId: id(`${seed} ${trace} ${at_}`),
        ...(at_ > 0 && { parentSpanId: lost ? id(`lost ${seed} ${trace}`) : id(`${seed} ${trace} 0`) }),
        kind: at_ === 0 ? 2 + (next(6) === 0 ? 1 : 0) : next(4) === 0 ? 1 : 3,
        name: 'work',
        start: at(trace * 10 + at_),
        durationMs: 1 + next(9),
        ...(next(200) === 0 && { attributes: { 'service.version': '1' } }),
      });
    }
  }
  const lines = services.flatMap(({ service, resource }) =>
    Array.from({ length: next(3) }, (_, n): Line => {
      const severity = next(4) === 0 ? 0 : 5;
      const time = at(-n * 16 * 86_400_000);
      return { service, resource, severity, severityText: severity === 5 ? 'DEBUG' : '', time };
    }),
  );
  return { spans, lines };
}

/** The specification's criteria over plain rows, without SQL: the score of a service. */
function plainScore(service: string, spans: readonly PlainSpan[], lines: readonly Line[]): number {
  const own = spans.filter((span) => span.service === service);
  const ownLines = lines.filter((line) => line.service === service);
  const resources = [...own, ...ownLines].map(({ resource = {} }) => resource as Record<string, string>);
  const has = (name: string) => (resource: Record<string, string>) => resource[name] !== undefined;
  const inTraces = (some: readonly PlainSpan[]) => [...Map.groupBy(some, ({ traceId }) => traceId).values()];
  const sent = new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
  const debug = ownLines
    .filter(
      ({ severityText, resource }) =>
        severityText === 'DEBUG' && resource['deployment.environment.name'] === 'production',
    )
    .map(({ time }) => Number(time / 1_000_000n));
  const holds: [weight: number, holds: boolean][] = [
    [20, resources.every(has('service.instance.id'))],
    [30, true], // each service has one resource
    [30, resources.every((resource) => !has('k8s.pod.name')(resource) || has('k8s.pod.uid')(resource))],
    [
      30,
      !resources.some(has('http.route')) &&
        own.every(({ attributes = {} }) => !('service.version' in attributes)),
    ],
    [40, true], // each service has a name
    [10, resources.every((resource) => resource['process.runtime.version'] !== '16.0.0')],
    [20, inTraces(own.filter(({ kind }) => kind === 1)).every((trace) => trace.length <= 10)],
    [
      20,
      own.every(
        ({ traceId, parentSpanId }) => parentSpanId === undefined || sent.has(`${traceId} ${parentSpanId}`),
      ),
    ],
    [30, own.every(({ kind, parentSpanId }) => kind !== 3 || parentSpanId !== undefined)],
    [30, inTraces(own.filter(({ durationMs = 0 }) => durationMs < 5)).every((trace) => trace.length <= 20)],
    [30, debug.length === 0 || Math.max(...debug) - Math.min(...debug) <= 14 * 86_400_000],
    [30, ownLines.every(({ severity }) => severity !== 0)],
  ];
  const sum = (some: typeof holds) => some.reduce((total, [weight]) => total + weight, 0);
  return (sum(holds.filter(([, each]) => each)) / sum(holds)) * 100;
}

t.test('the score equals a plain computation over the same rows', async (t) => {
  const scores = new Set<number>();
  const { store, get } = await temporaryExplorer(t);
  for (let seed = 1; seed <= 8; seed++) {
    const { spans, lines } = traffic(seed);
    await store.delete({ all: true });
    await storeSpans(store, spans);
    await storeLogs(store, lines);
    const [{ body }, again] = [
      await get('/api/verify?time_range=8640000'),
      await get('/api/verify?time_range=8640000'),
    ];
    t.strictSame(again.body.services, body.services, 'equal input, equal report');
    t.ok(body.services.length > 0);
    for (const { service, score } of body.services) {
      t.equal(score, Math.round(plainScore(service, spans, lines) * 100) / 100, `${seed} ${service}`);
      scores.add(score);
    }
  }
  t.ok(scores.size > 5, `${scores.size} different scores`);
});
