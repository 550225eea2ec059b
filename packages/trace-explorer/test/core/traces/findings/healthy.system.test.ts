import type { AddressInfo } from 'node:net';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { startPair } from '../../../../../../test/helpers/pair.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { buildReceiver } from '../../../../src/core/receiver/build-receiver.ts';
import { spanColumns } from '../../../../src/core/traces/read/span-columns.ts';
import { demoTraces, SLOW_DATABASE, SLOW_USER } from '../../../../testing/demo-data/index.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';
import { storedFindings } from './stored-findings.ts';

// At night too: with ten thousand requests, which take minutes on a machine that does much else.
t.setTimeout(1_200_000);

const REQUESTS = IS_NIGHT ? 10_000 : 24;
const AT_ONCE = 4;
/** The first requests load code, so a service really stands still. */
const FIRST = 12;

/**
 * A request that took longer for its caller, or a span of it, met a machine that stood still: it is no healthy one, and its
 * trace may say so. A service that stands still after its answer ends the span of the answer later. A connection that was
 * closed meanwhile is one failed try before a good one, which a finding may name too.
 */
const HEALTHY_MS = 150;

t.test('healthy requests of the two services have no finding', async (t) => {
  const store = await temporaryStore(t);
  const receiver = await buildReceiver({ store });
  t.teardown(() => receiver.close());
  await receiver.listen({ host: '127.0.0.1', port: 0 });
  const { port } = receiver.server.address() as AddressInfo;
  const pair = await startPair({ otlpUrl: `http://127.0.0.1:${port}` });
  t.teardown(() => pair.stop());
  const paths = ['home', 'home', '@bayko', 'search?term=trace'];
  const healthy: string[] = [];
  const send = async (first: number) => {
    for (let i = first; i < REQUESTS; i += AT_ONCE) {
      const path = paths[i % paths.length];
      const start = performance.now();
      const response = await fetch(`${pair.api}/api/activities/${path}`);
      const { degraded } = (await response.json()) as { degraded: boolean };
      // On a busy machine a service refuses a request: that is none of a healthy one.
      if (response.status === 503) continue;
      if (response.status !== 200) t.fail(`${path} answered ${response.status}`);
      const traceId = response.headers.get('traceresponse')?.split('-')[1] ?? '';
      if (i >= FIRST && !degraded && performance.now() - start < HEALTHY_MS) healthy.push(traceId);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => send(first)));
  await until(async () => {
    const before = store.stats().spans;
    const { rows } = await store.read(`SELECT count(DISTINCT ${spanColumns(store).traceId}) FROM spans`);
    return Number(rows[0]?.[0]) >= REQUESTS && store.stats().spans === before;
  });
  await pair.stop();
  const found = await storedFindings(store);
  t.ok(found.size >= REQUESTS, `${found.size} traces`);
  const field = (name: string) => store.fields().get(name)?.sql;
  const { rows } = await store.read(
    `SELECT DISTINCT ${field('trace.trace_id')} FROM spans
    WHERE ${field('duration_ms')} >= $1::DOUBLE OR ${field('error') ?? 'false'}`,
    [HEALTHY_MS],
  );
  const slow = new Set(rows.flat());
  const fast = healthy.filter((traceId) => !slow.has(traceId));
  // A machine on which no request is fast tells nothing.
  t.ok(
    fast.every((traceId) => found.has(traceId)),
    `${fast.length} healthy ones`,
  );
  // On a busy machine a process stands still without a processor. A trace may say so, and blames no code.
  const said = fast
    .flatMap((traceId) => found.get(traceId) ?? [])
    .filter(({ isOutside }) => !isOutside)
    .map(({ sentence }) => sentence);
  t.same(said, []);
});

t.test('requests of the healthy services of demo-data have no finding', async (t) => {
  const store = await temporaryStore(t);
  const healthy = [...demoTraces({ spans: 6000, small: true, now: 1_790_000_000_000 })].filter(
    ({ shape, spans }) =>
      shape === 'request' &&
      spans.every(
        ({ status, attributes = {} }) =>
          status !== 2 &&
          attributes['user.id'] !== SLOW_USER &&
          attributes['db.namespace'] !== SLOW_DATABASE.namespace,
      ),
  );
  t.ok(healthy.length > 100, `${healthy.length} traces`);
  await storeSpans(
    store,
    healthy.flatMap(({ spans }) => spans),
  );
  const said = [...(await storedFindings(store)).values()].flat().map(({ sentence }) => sentence);
  t.same(said, []);
});
