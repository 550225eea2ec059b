import t from 'tap';
import { at, rootless, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

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
