import t from 'tap';
import { readServiceMap } from '../../../src/map/service-map.ts';
import { readOverview } from '../../../src/overview/read-overview.ts';
import type { SpanStore } from '../../../src/store/types.ts';
import { traceShare } from '../../../src/traces/read/trace-share.ts';
import { at, ids } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { storeSpans, temporaryStore } from '../../spans.ts';

const id = ids();
const TRACES = 400;

const LIMITS = { most: 400, sample: 400 };

t.test(
  'where spans are many, calls and dependencies are those of whole traces, times how many there are',
  async (t) => {
    const store = await temporaryStore(t);
    const spans: PlainSpan[] = [];
    for (let n = 0; n < TRACES; n++) {
      const base = {
        traceId: id(`${n}`, 16),
        start: at(n),
        durationMs: 10,
        status: n % 4 === 0 ? (2 as const) : (0 as const),
      };
      const idOf = (name: string) => id(`${n} ${name}`);
      const attributes = { 'db.system.name': 'sqlite', 'db.namespace': 'users' };
      spans.push(
        { ...base, name: 'GET', service: 'api', spanId: idOf('root'), kind: 2 },
        {
          ...base,
          name: 'call',
          service: 'api',
          spanId: idOf('client'),
          parentSpanId: idOf('root'),
          kind: 3,
        },
        {
          ...base,
          name: 'lookup',
          service: 'users',
          spanId: idOf('server'),
          parentSpanId: idOf('client'),
          kind: 2,
          durationMs: 5,
        },
        {
          ...base,
          name: 'SELECT',
          service: 'users',
          spanId: idOf('sql'),
          parentSpanId: idOf('server'),
          kind: 3,
          attributes,
        },
      );
    }
    await storeSpans(store, spans);
    const range = { startTime: Number(at(-1000)) / 1e9, endTime: Number(at(TRACES + 1000)) / 1e9 };
    const [exact, shared] = [
      await readServiceMap(store, range),
      await readServiceMap(store, range, { share: LIMITS }),
    ];
    t.equal(exact.one_trace_in, undefined);
    t.equal(shared.one_trace_in, 4);
    t.same(shared.services, exact.services, 'services and databases are all counted');
    t.same(
      shared.calls.map(({ from, to }) => [from, to]),
      exact.calls.map(({ from, to }) => [from, to]),
    );
    const [call] = shared.calls;
    t.ok(near(call?.count, TRACES) && near(call?.errors, TRACES / 4, 0.5), `${call?.count}, ${call?.errors}`);
    t.equal(call?.p99_ms, 5);
    t.same(shared.calls[1], exact.calls[1], 'what a database is called is known from the caller alone');

    const [whole, part] = [
      await readOverview(store, range),
      await readOverview(store, range, { share: LIMITS }),
    ];
    t.equal(part.one_trace_in, 4);
    t.same({ ...part.requests, routes: part.routes }, { ...whole.requests, routes: whole.routes });
    t.same(
      part.dependencies.map(({ name }) => name),
      ['sqlite users'],
      'a call whose other side is in the trace is no dependency',
    );
    t.ok(near(part.dependencies[0]?.count, TRACES) && near(part.dependencies[0]?.total_ms, TRACES * 10));
    const before = { start: 0n, end: 1n };
    t.equal((await traceShare(store, before, {}, LIMITS)).oneIn, 1, 'few spans in the range are all read');
  },
);

const RANGE = { start: at(-1000), end: at(TRACES + 1000) };

/** How many spans of each trace are read, by how many traces that is of. */
async function spansByTrace(
  store: SpanStore,
): Promise<{ isPart: boolean; oneIn: number; traces: Map<number, number> }> {
  const { oneIn, from, condition } = await traceShare(store, RANGE, {}, LIMITS);
  const trace = store.fields().get('trace.trace_id')?.sql;
  const { rows } = await store.read(
    `SELECT n, count(*) FROM (SELECT count(*) AS n FROM ${from} WHERE ${condition} GROUP BY ${trace}) GROUP BY n`,
  );
  return {
    isPart: from !== 'spans',
    oneIn,
    traces: new Map(rows.map(([n, count]) => [Number(n), Number(count)])),
  };
}

t.test('traces are read whole, also where some of their rows lie far from the others', async (t) => {
  const store = await temporaryStore(t);
  const traces = Array.from({ length: TRACES }, (_, n) =>
    Array.from({ length: 4 }, () => ({ traceId: id(`apart ${n}`, 16), start: at(n) })),
  );
  await storeSpans(store, traces.flat());
  const together = await spansByTrace(store);
  t.match(together, { isPart: true, oneIn: 4 }, 'a part of the rows is read');
  t.same([...together.traces.keys()], [4]);
  t.ok(near(together.traces.get(4), TRACES / 4), `${together.traces.get(4)} traces`);

  await storeSpans(
    store,
    traces.filter((_, n) => n % 40 === 0).map(([span]) => ({ ...span, durationMs: 9 })),
  );
  const late = await spansByTrace(store);
  t.match(late, { isPart: true, oneIn: 5 });
  t.same([...late.traces.keys()].sort(), [4, 5], 'spans that came late are read, too');
  const all = [...late.traces.values()].reduce((sum, count) => sum + count, 0);
  t.ok(near(all, TRACES / 5, 0.5), `${all} traces`);

  await store.delete({ all: true });
  // A prime: no two places are the same, and neighbours of before lie apart.
  await storeSpans(
    store,
    traces
      .flat()
      .map((span, i) => ({ span, place: (i * 7919) % 1601 }))
      .sort((a, b) => a.place - b.place)
      .map(({ span }) => span),
  );
  const scattered = await spansByTrace(store);
  t.match(scattered, { isPart: false, oneIn: 4 }, 'nothing is spared where all of them lie apart');
  t.same([...scattered.traces.keys()], [4]);
  t.ok(near(scattered.traces.get(4), TRACES / 4, 0.5), `${scattered.traces.get(4)} traces`);
});

function near(value: number | undefined, expected: number, share = 0.3): boolean {
  return Math.abs((value ?? 0) - expected) <= expected * share;
}
