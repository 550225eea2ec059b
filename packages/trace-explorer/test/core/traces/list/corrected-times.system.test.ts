import t from 'tap';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeSpans } from '../../../spans.ts';

const id = ids();
const CLIENT = 3;
const SERVER = 2;

/** A call of 200 ms between two hosts; the clock of the one that answers is ahead. */
function call(name: string, aheadMs: number): PlainSpan[] {
  const traceId = id(name, 16);
  const [client, server] = [id(`${name} client`), id(`${name} server`)];
  return [
    {
      traceId,
      spanId: client,
      name,
      kind: CLIENT,
      service: 'caller',
      resource: { 'host.name': 'a' },
      start: at(0),
      durationMs: 200,
    },
    {
      traceId,
      spanId: server,
      parentSpanId: client,
      name,
      kind: SERVER,
      service: 'answerer',
      resource: { 'host.name': 'b' },
      start: at(50 + aheadMs),
      durationMs: 100,
    },
  ];
}

t.test('lists say the length that the trace says where clocks differ', async (t) => {
  const { store, get, trace } = await temporaryExplorer(t);
  const quick = { traceId: id('quick', 16), name: 'quick', start: at(0), durationMs: 300 };
  await storeSpans(store, [...call('ahead', 4_000), ...call('behind', -4_000), ...call('right', 0), quick]);
  const lengths = async (url: string) => {
    const { traces }: { traces: { root: { name: string }; duration_ms: number }[] } = (await get(url)).body;
    return traces.map(({ root, duration_ms }) => `${root.name} ${duration_ms}`);
  };
  t.equal((await trace(id('ahead', 16))).duration_ms, 200);
  const slowest = ['quick 300', 'ahead 200', 'behind 200', 'right 200'];
  t.same((await lengths('/api/traces')).toSorted(), slowest.toSorted());
  t.match(await lengths('/api/traces?order=slowest'), ['quick 300']);
  t.same(
    await lengths('/api/traces?min_duration_ms=250'),
    ['quick 300'],
    'none that is shorter than asked for',
  );
});

t.test('the start is that of the trace, too', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, call('early', -4_000));
  const [summary] = (await get('/api/traces')).body.traces;
  t.match(summary, { start_ns: String(at(0)), clocks_corrected: true });
});

t.test('the slowest traces are those of the corrected clock, also among many of wrong clocks', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const slow = { traceId: id('slow', 16), name: 'slow', start: at(0), durationMs: 900 };
  const skewed = Array.from({ length: 20 }, (_, index) => call(`skewed ${index}`, 4_000)).flat();
  await storeSpans(store, [...skewed, slow]);
  const { traces } = (await get('/api/traces?order=slowest')).body;
  t.match(traces[0], { root: { name: 'slow' }, duration_ms: 900 });
  t.equal(traces.length, 21);
});
