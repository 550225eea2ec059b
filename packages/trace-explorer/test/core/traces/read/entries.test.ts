import t from 'tap';
import { tryRules } from '../../../../src/parts/sampling/server/try-rules.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

const ALL = { start: 0n, end: 9_000_000_000_000_000_000n };

/** A trace whose first stored span has a parent that nobody sends, with calls one after the other below it. */
function rootless(kind: number, calls = 0): PlainSpan[] {
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const own = { traceId, service: 'behind', start: at(0) };
  const call = { ...own, parentSpanId: spanId, name: 'SELECT item', kind: 3, durationMs: 8 };
  return [
    { ...own, spanId, parentSpanId: randomId(8), name: 'take order', kind, durationMs: 900 },
    ...Array.from({ length: calls }, (_, i) => ({
      ...call,
      start: at(5 + i * 10),
      attributes: { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM item WHERE id = $1' },
    })),
  ];
}

for (const [name, kind] of Object.entries({ SERVER: 2, CONSUMER: 5, INTERNAL: 1 }))
  t.test(`a trace without a root is a request of its first stored span, a ${name} span`, async (t) => {
    const { store, get } = await temporaryExplorer(t);
    await storeSpans(store, Array.from({ length: 6 }, () => rootless(kind, 12)).flat());
    const overview = (await get('/api/overview')).body;
    t.match(overview, { requests: { count: 6 }, routes: [{ name: 'take order', count: 6 }] });
    const causes = (await get('/api/causes?seconds=20')).body;
    t.match(causes, { of: 6, looked: 6 });
    t.match(
      causes.causes.find(({ rule }: { rule: string }) => rule === 'repeated-call'),
      { traces: 6, of: 6, routes: [{ service: 'behind', name: 'take order' }] },
    );
    const asked = { rules: [], keep: 10 } as unknown as Parameters<typeof tryRules>[1];
    const { trials } = await tryRules(store, asked, ALL);
    t.match(trials[0]?.figures, [{ service: 'behind', route: 'take order', count: { truth: 6 } }]);
  });

t.test('a trace that began before the range is none of its requests, with and without a root', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const hour = 3_600_000;
  const traces = [undefined, randomId(8)].map((parentSpanId): PlainSpan[] => {
    const [traceId, spanId] = [randomId(16), randomId(8)];
    const own = { traceId, service: 'jobs', kind: 1 };
    return [
      {
        ...{ ...own, spanId, name: 'job', start: at(-3 * hour), durationMs: 3 * hour },
        ...(parentSpanId && { parentSpanId }),
      },
      { ...own, parentSpanId: spanId, name: 'step', start: at(0) },
    ];
  });
  await storeSpans(store, traces.flat());
  t.match((await get('/api/overview?time_range=600')).body.requests, { count: 0 });
  t.match((await get('/api/causes?time_range=600')).body, { of: 0, looked: 0 });
  t.match((await get('/api/overview?time_range=20000')).body.requests, { count: 2 });
  t.match((await get('/api/causes?time_range=20000')).body, { of: 2 });
});
