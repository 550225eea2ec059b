import { createHash } from 'node:crypto';
import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import t from 'tap';
import { consistentSampler } from '../../packages/telemetry/src/chosen/sampler/index.ts';
import { parseQuery } from '../../packages/trace-explorer/src/core/query/parse/parse-query.ts';
import { runQuery } from '../../packages/trace-explorer/src/core/query/run/run-query.ts';
import type { PlainSpan } from '../../packages/trace-explorer/test/spans.ts';
import { storeSpans, temporaryStore } from '../../packages/trace-explorer/test/spans.ts';

/** Requests by route. The trace ids are fixed, so that the same ones are kept in every run. */
const ROUTES = {
  'GET /api/activities/home': 6000,
  'GET /api/activities/@:handle': 600,
  'POST /api/activities': 3000,
};

interface Request {
  readonly route: string;
  readonly traceId: string;
  readonly durationMs: number;
}

const REQUESTS = Object.entries(ROUTES).flatMap(([route, count], r) => {
  return Array.from({ length: count }, (_, i): Request => {
    const digest = createHash('sha256').update(`${route} ${i}`).digest();
    // From 10 to 100 ms, 20 more by route, a long tail above.
    const durationMs = 10 + r * 20 + 90 * (digest.readUInt32BE(16) / 2 ** 32) ** 4;
    return { route, traceId: digest.subarray(0, 16).toString('hex'), durationMs };
  });
});

t.test('a tenth of the requests is answered like all of them', async (t) => {
  const everything = await answer(
    t,
    REQUESTS.map((request) => spanOf(request)),
  );
  const sampler = consistentSampler({ probability: 0.1, parentBased: false });
  const kept = REQUESTS.flatMap((request) => {
    const { route, traceId } = request;
    const decision = sampler.shouldSample(ROOT_CONTEXT, traceId, route, SpanKind.SERVER, {}, []);
    return decision.decision === SamplingDecision.RECORD_AND_SAMPLED
      ? [spanOf(request, decision.attributes, decision.traceState?.serialize())]
      : [];
  });
  t.ok(kept.length > 800 && kept.length < 1100, `${kept.length} spans were kept`);
  const byAttribute = await answer(t, kept);
  const byThreshold = await answer(
    t,
    kept.map(({ attributes: _, ...span }) => span),
  );
  for (const [name, answered] of Object.entries({ byAttribute, byThreshold })) {
    t.same([...answered.keys()], [...everything.keys()], `${name}: the routes rank as they did`);
    for (const [route, wanted] of everything) {
      const found = answered.get(route);
      const n = ROUTES[route as keyof typeof ROUTES] * 0.1;
      // Four standard errors: of a binomial count, of a mean (durations spread by 25 ms), of a P95 (5 %).
      const within = (key: string, error: number) => {
        const [a = Number.NaN, b = Number.NaN] = [found?.[key], wanted[key]].map(Number);
        t.ok(Math.abs(a - b) <= error, `${name} ${route} ${key}: ${a} for ${b}`);
      };
      within('COUNT', (4 * Number(wanted.COUNT)) / Math.sqrt(n));
      within('AVG(duration_ms)', (4 * 25) / Math.sqrt(n));
      within('P95(duration_ms)', 0.15 * Number(wanted['P95(duration_ms)']));
    }
  }
});

function spanOf(
  { route, traceId, durationMs }: Request,
  attributes: object = {},
  traceState = '',
): PlainSpan {
  const start = BigInt(Date.now() - 60_000) * 1_000_000n;
  const plain = attributes as NonNullable<PlainSpan['attributes']>;
  return {
    traceId,
    spanId: traceId.slice(16),
    name: route,
    kind: 2,
    start,
    durationMs,
    attributes: plain,
    traceState,
  };
}

/** COUNT, AVG and P95 by route. */
async function answer(t: Parameters<typeof temporaryStore>[0], spans: readonly PlainSpan[]) {
  const store = await temporaryStore(t);
  await storeSpans(store, spans);
  const calculations = [
    { op: 'COUNT' },
    { op: 'AVG', column: 'duration_ms' },
    { op: 'P95', column: 'duration_ms' },
  ];
  const { results } = await runQuery(store, '__all__', parseQuery({ calculations, breakdowns: ['name'] }));
  return new Map(results.map(({ data }) => [String(data.name), data]));
}
