import { createHash } from 'node:crypto';
import t from 'tap';
import { readServiceMap } from '../../../src/map/service-map.ts';
import { readOverview } from '../../../src/overview/read-overview.ts';
import { traceShare } from '../../../src/traces/read/trace-share.ts';
import { at, ids } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { storeSpans, temporaryStore } from '../../spans.ts';

const id = ids();
const TRACES = 400;

/** The same in each run: which traces are read is decided by their ids. */
const traceId = (n: number) => createHash('md5').update(String(n)).digest('hex');

t.test(
  'where spans are many, calls and dependencies are those of whole traces, times how many there are',
  async (t) => {
    const store = await temporaryStore(t);
    const spans: PlainSpan[] = [];
    for (let n = 0; n < TRACES; n++) {
      const base = {
        traceId: traceId(n),
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
      await readServiceMap(store, range, { mostJoined: 400 }),
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
      await readOverview(store, range, { mostJoined: 400 }),
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
    t.equal((await traceShare(store, before, {}, 400)).oneIn, 1, 'few spans in the range are all read');
  },
);

function near(value: number | undefined, expected: number, share = 0.3): boolean {
  return Math.abs((value ?? 0) - expected) <= expected * share;
}
