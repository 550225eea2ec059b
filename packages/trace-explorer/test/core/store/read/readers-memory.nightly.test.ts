import t from 'tap';
import { deadlineIn } from '../../../../src/lib/time/deadline.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { decoded, randomId } from '../../../spans.ts';

const TRACES = 20_000;
const CALLS = 5;
/** Fields of all calls together; each call has some of them. */
const FIELDS = 190;
const FIELDS_OF_CALL = 12;
const SIDE_BY_SIDE = 4;
/** Requests of one asker, which end with the BubbleUps long before. */
const MOST_ASKED = 10_000;

t.setTimeout(600_000);
t.test('BubbleUps side by side, the overview and a sender: none of them lacks memory', async (t) => {
  t.setTimeout(600_000);
  const { app, store } = await temporaryExplorer(t);
  const begin = BigInt(Date.now() - 500_000) * 1_000_000n;
  const traces = (first: number, count: number) =>
    decoded(Array.from({ length: count }, (_, i) => trace(first + i, begin)).flat());
  const write = async (first: number, count: number) => {
    await store.write(traces(first, count));
    await store.read('SELECT 1', [], { short: true, deadline: deadlineIn(60_000) });
  };
  for (let first = 0; first < TRACES; first += 500) await write(first, 500);
  const payload = {
    query: { time_range: 3_600, filters: [{ column: 'span.kind', op: '=', value: 'server' }] },
    selection: { filters: [{ column: 'http.response.status_code', op: '>=', value: 500 }] },
    compare: 'traces',
  };
  const statuses: Record<string, Set<number>> = {};
  const note = (what: string, status: number) => {
    statuses[what] = (statuses[what] ?? new Set()).add(status);
  };
  let isOver = false;
  const again = async (what: string, ask: () => Promise<number>) => {
    for (let asked = 0; !isOver && asked < MOST_ASKED; asked++) note(what, await ask());
  };
  const beside = [
    again('overview', async () => (await app.inject('/api/overview?time_range=3600')).statusCode),
    again('a sender', () =>
      write(TRACES, 100).then(
        () => 200,
        () => 503,
      ),
    ),
  ];
  for (let round = 0; round < 2; round++)
    await Promise.all(
      Array.from({ length: SIDE_BY_SIDE }, async () => {
        const answer = await app.inject({ method: 'POST', url: '/api/bubbleup', payload });
        note('BubbleUp', answer.statusCode);
      }),
    );
  isOver = true;
  await Promise.all(beside);
  t.same([...(statuses['a sender'] ?? [])], [200]);
  // A slow machine may answer 503 or 504.
  for (const what of ['BubbleUp', 'overview'])
    t.notOk(statuses[what]?.has(422), `${what}: ${[...(statuses[what] ?? [])]}`);
  t.same(store.stats().notices, []);
});

function trace(at: number, begin: bigint): PlainSpan[] {
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const own = { traceId, service: 'shop', start: begin + BigInt(at) * 20_000_000n };
  const status = { 'http.response.status_code': at % 20 === 0 ? 500 : 200 };
  const request = { ...own, spanId, name: 'GET /orders', kind: 2, durationMs: 20, attributes: status };
  const calls = Array.from({ length: CALLS }, (_, call) => {
    const fields = Array.from({ length: FIELDS_OF_CALL }, (_, i) => {
      const field = (at + call * FIELDS_OF_CALL + i) % FIELDS;
      return [`app.field${field}`, field % 2 === 0 ? randomId(8) : `value ${field}`];
    });
    const attributes = Object.fromEntries(fields);
    return { ...own, parentSpanId: spanId, name: 'SELECT orders', kind: 3, durationMs: 2, attributes };
  });
  return [request, ...calls];
}
