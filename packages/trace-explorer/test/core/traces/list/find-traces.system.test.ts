import t from 'tap';
import { findTraces } from '../../../../src/core/traces/list/find-traces.ts';
import { readSummaries } from '../../../../src/core/traces/list/summaries.ts';
import { at, ids } from '../../../explorer.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';

const id = ids();

t.test('a range begins with its first nanosecond and ends before its last one', async (t) => {
  const store = await temporaryStore(t);
  const microsecond = 1_763_620_000_123_457_000n;
  const starts = [-1n, 0n, 999n, 1000n, 2000n].map((each) => microsecond + each);
  await storeSpans(
    store,
    starts.map((start, n) => ({
      traceId: id(`edge${n}`, 16),
      name: String(n),
      service: 'a',
      start,
      durationMs: 1,
    })),
  );
  const { traces } = await findTraces(store, {
    order: 'newest',
    limit: 10,
    start_time: 1_763_620_000.123457,
    end_time: 1_763_620_000.123459,
  });
  t.same(
    traces.map(({ root }) => root.name),
    ['3', '2', '1'],
  );
  const all = await findTraces(store, { order: 'newest', limit: 10, end_time: 1e12 });
  t.equal(all.traces.length, 5, 'a time beyond 64 bits is after everything');
});

t.test(
  "a service's own time is that of its spans without their children, each stretch counted once",
  async (t) => {
    const store = await temporaryStore(t);
    const traceId = id('self', 16);
    const span = (
      name: string,
      parent: string | undefined,
      service: string,
      start: number,
      durationMs: number,
    ) => ({
      traceId,
      spanId: id(`self ${name}`),
      ...(parent !== undefined && { parentSpanId: id(`self ${parent}`) }),
      name,
      service,
      start: at(start),
      durationMs,
    });
    const lookup = span('lookup', 'call', 'user-lookup', 20, 320);
    await storeSpans(store, [
      span('root', undefined, 'api', 0, 360),
      span('call', 'root', 'api', 10, 340),
      lookup,
      // Side by side, and one that runs beyond its parent.
      span('one', 'lookup', 'cache', 30, 40),
      span('two', 'lookup', 'cache', 50, 40),
      span('late', 'lookup', 'cache', 330, 100),
      // Long after its parent: takes nothing from it.
      span('consumer', 'root', 'worker', 2000, 50),
    ]);
    await storeSpans(store, [lookup]);
    const [summary] = await readSummaries(store, [traceId]);
    t.strictSame(
      summary?.services.map(({ name, self_ms }) => [name, self_ms]),
      [
        ['user-lookup', 250],
        ['cache', 180],
        ['worker', 50],
        ['api', 40],
      ],
    );
    t.equal((await readSummaries(store, [id('no such', 16)])).length, 0);
  },
);

t.test('a trace with more spans than a list reads is summed up without own times', async (t) => {
  const store = await temporaryStore(t);
  const [large, small] = [id('large', 16), id('small', 16)];
  const of = (name: string, service: string, startMs: number, durationMs: number) => {
    return { traceId: large, name, service, start: at(startMs), durationMs };
  };
  const root = { ...of('root', 'api', 5, 1_000), spanId: id('large root'), status: 2 as const };
  const below = Array.from({ length: 20_001 }, (_, n) => {
    return { ...of(`call ${n}`, 'users', n % 900, 10), parentSpanId: root.spanId };
  });
  await storeSpans(store, [...below, root, { traceId: small, name: 'small', durationMs: 1 }]);
  const [first, second] = await readSummaries(store, [large, small]);
  t.match(first, {
    root: { span_id: root.spanId, service: 'api', name: 'root', provisional: false },
    services: [
      { name: 'users', spans: 20_001, errors: 0, self_ms: 0 },
      { name: 'api', spans: 1, errors: 1, self_ms: 0 },
    ],
    spans: 20_002,
    errors: 1,
    start_ns: String(at(0)),
    duration_ms: 1_005,
  });
  t.match(second, { trace_id: small, root: { name: 'small' }, spans: 1 });
});

t.test('the newest traces come in the order of their first spans, also beyond the newest rows', async (t) => {
  const store = await temporaryStore(t);
  const traces = Array.from({ length: 6_000 }, (_, n) => ({
    traceId: id(`newest${n}`, 16),
    startMs: n * 10,
  }));
  const spans = traces.flatMap(({ traceId, startMs }, n) =>
    // Each hundredth trace has a span long after its first one.
    [0, 1, n % 100 === 0 ? 30_000 : 2].map((later) => ({
      traceId,
      name: n % 1_000 === 0 ? 'rare' : 'often',
      service: 'a',
      start: at(startMs + later),
      durationMs: 1,
    })),
  );
  await storeSpans(store, spans);
  const expected = traces.map(({ traceId }) => traceId).toReversed();
  const read = async (pages: number, filter: object = {}) => {
    const found: string[] = [];
    for (let page = 0, cursor: string | undefined; page < pages; page++) {
      const list = await findTraces(store, {
        order: 'newest',
        limit: 50,
        ...filter,
        ...(cursor && { cursor }),
      });
      found.push(...list.traces.map(({ trace_id }) => trace_id));
      cursor = list.next;
    }
    return found;
  };
  t.same(await read(5), expected.slice(0, 250));
  const end_time = Number(at(30_000)) / 1e9;
  t.same(await read(2, { end_time }), expected.slice(3_000, 3_100), 'of a range');
  const rare = expected.filter((_, n) => (5_999 - n) % 1_000 === 0);
  t.same(await read(1, { name: 'rare' }), rare, 'of a name that the newest rows do not have');
});

t.test('late spans of old traces, though they are the newest rows, make no trace new', async (t) => {
  const store = await temporaryStore(t);
  const span = (name: string, start: number) => ({ traceId: id(name, 16), name, start: at(start) });
  const [old, young] = ['old', 'young'].map((age) => Array.from({ length: 3_000 }, (_, n) => `${age} ${n}`));
  await storeSpans(store, [
    ...(old ?? []).flatMap((name, n) => [span(name, n), span(name, 90_000 + n)]),
    ...(young ?? []).map((name, n) => span(name, 30_000 + n)),
  ]);
  const { traces } = await findTraces(store, { order: 'newest', limit: 50 });
  t.same(
    traces.map(({ root }) => root.name),
    Array.from({ length: 50 }, (_, n) => `young ${2_999 - n}`),
  );
});

t.test('the newest traces with a matching span come in the order of their first spans', async (t) => {
  const store = await temporaryStore(t);
  // Matching spans begin up to 9 s after their trace, and more of them than the newest rows are looked at.
  const traces = Array.from({ length: 6_000 }, (_, n) => ({ traceId: id(`matching${n}`, 16), n }));
  await storeSpans(
    store,
    traces.flatMap(({ traceId, n }) => [
      { traceId, name: 'first', service: 'a', start: at(n * 10) },
      {
        traceId,
        name: `call ${n % 4}`,
        service: n % 1_500 === 0 ? 'rare' : 'b',
        start: at(n * 10 + ((n * 7_919) % 9_000)),
        status: n % 5 === 0 ? 0 : 2,
        attributes: { 'user.id': `user ${n % 3}` },
      },
    ]),
  );
  const of = async (filter: object) => {
    const { traces, next } = await findTraces(store, { order: 'newest', limit: 20, ...filter });
    return [...traces.map(({ trace_id }) => trace_id), next !== undefined];
  };
  const expected = (matches: (n: number) => boolean) => {
    const ids = traces.filter(({ n }) => matches(n)).map(({ traceId }) => traceId);
    return [...ids.toReversed().slice(0, 20), ids.length > 20];
  };
  t.same(
    await of({ errors: true }),
    expected((n) => n % 5 > 0),
    'failed',
  );
  t.same(
    await of({ name: 'call 3' }),
    expected((n) => n % 4 === 3),
    'a name',
  );
  t.same(
    await of({ service: 'rare' }),
    expected((n) => n % 1_500 === 0),
    'a service of few traces',
  );
  t.same(
    await of({ service: 'b', field: ['user.id=user 2'] }),
    expected((n) => n % 3 === 2),
    'a field',
  );
  t.same(await of({ service: 'none' }), [false], 'no trace');
  const end_time = Number(at(30_000)) / 1e9;
  t.same(
    await of({ errors: true, end_time }),
    expected((n) => n % 5 > 0 && n * 10 + ((n * 7_919) % 9_000) < 30_000),
    'failed, of a range',
  );
});
