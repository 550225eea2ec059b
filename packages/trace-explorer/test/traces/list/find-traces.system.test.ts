import t from 'tap';
import type { TraceListOptions } from '../../../src/traces/list/find-traces.ts';
import { findTraces } from '../../../src/traces/list/find-traces.ts';
import { readSummaries } from '../../../src/traces/list/summaries.ts';
import { at, ids } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { storeSpans, temporaryStore } from '../../spans.ts';

const id = ids();

t.test('a look at recent time first finds the same pages as a look at everything', async (t) => {
  const store = await temporaryStore(t);
  const spans: PlainSpan[] = [];
  const minute = 60_000;
  for (let n = 0; n < 60; n++) {
    const traceId = id(`t${n}`, 16);
    // From seconds to hours back, some running into the window, one from the future.
    const start = n === 7 ? 600 * minute : -(n * n * minute) / 5;
    spans.push({ traceId, name: 'root', service: n % 3 ? 'a' : 'b', start: at(start), durationMs: n });
    if (n % 4 === 0)
      spans.push({ traceId, name: 'late', start: at(-n), durationMs: 1, status: n % 8 ? 0 : 2 });
  }
  await storeSpans(store, spans);
  const filters: Partial<TraceListOptions>[] = [
    {},
    { service: 'a' },
    { name: 'late' },
    { errors: true },
    { errors: false },
    { min_duration_ms: 20 },
    // From the middle of a trace on, and up to the start of another: a trace begins with its first span of the range.
    { start_time: Number(at(-100 * minute)) / 1e9 },
    { start_time: Number(at(-100 * minute)) / 1e9, end_time: Number(at(-5 * minute)) / 1e9, service: 'a' },
    { end_time: Number(at(-400)) / 1e9 },
  ];
  for (const filter of filters) {
    for (const limit of [3, 100]) {
      const walk = async (windowAbove: number) => {
        const pages: string[][] = [];
        let cursor: string | undefined;
        for (let page = 0; page === 0 || (cursor !== undefined && page < 6); page++) {
          const { traces, next } = await findTraces(
            store,
            { order: 'newest', limit, ...filter, ...(cursor !== undefined && { cursor }) },
            { windowAbove },
          );
          pages.push(traces.map((trace) => trace.trace_id));
          cursor = next;
        }
        return pages;
      };
      t.strictSame(
        await walk(0),
        await walk(Number.POSITIVE_INFINITY),
        `${JSON.stringify(filter)} by ${limit}`,
      );
    }
  }
});

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
