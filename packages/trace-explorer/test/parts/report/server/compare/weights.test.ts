import t from 'tap';
import { changesIn } from '../../../../../src/parts/report/sections.ts';
import { atEqualShares } from '../../../../../src/parts/report/server/compare/chance.ts';
import type { Change } from '../../../../../src/parts/report/server/compare/change.ts';
import { at, temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeSpans } from '../../../../spans.ts';

/** Chosen requests: each failed one, and one in `rate` of the others. */
function chosen(
  run: string,
  { failed, others, rate }: { failed: number; others: number; rate: number },
): PlainSpan[] {
  const request = (n: number, status: 0 | 2, weight: number): PlainSpan => ({
    traceId: randomId(16),
    start: at(n),
    kind: 2,
    name: 'GET /',
    service: 'shop',
    status,
    durationMs: 10 + (n % 7),
    attributes: weight === 1 ? {} : { SampleRate: weight },
    resource: { 'tandem.run.id': run, 'tandem.pull.name': 'prod' },
  });
  return [
    ...Array.from({ length: failed }, (_, n) => request(n, 2, 1)),
    ...Array.from({ length: others }, (_, n) => request(n, 0, rate)),
  ];
}

t.test('runs of chosen traces are counted by their weights, and decided by what is stored', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, chosen('before', { failed: 26, others: 100, rate: 20 }));
  await storeSpans(store, chosen('same', { failed: 12, others: 200, rate: 5 }));
  await storeSpans(store, chosen('worse', { failed: 500, others: 100, rate: 20 }));
  const { body: same } = await get('/api/compare?base=before&head=same');
  const [{ base }] = same.routes;
  t.match(base, { requests: 2026, errors: 26, seen: 126, stored: 126 });
  t.same(same.changes, [], '1.3 % and 1.2 % of errors, not 21 % and 6 %');
  const { body: worse } = await get('/api/compare?base=before&head=worse');
  t.match(worse.changes, [{ of: 'errors', how: 'more', worse: true, sentence: 'errors 1.28 % → 20 %' }]);
  const { body: runs } = await get('/api/runs');
  t.match(
    runs.runs.find(({ id }: { id: string }) => id === 'before'),
    { requests: 2026, errors: 26, stored: 126, pull: 'prod', weighted: true },
  );
  const { body: report } = await get('/api/report?run=worse&base=before');
  t.match(changesIn(report.changes, 'errors'), [{ worse: true, sure: { by: 'chance' } }]);
});

t.test('a run without weights beside one with them is refused', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, chosen('chosen', { failed: 5, others: 30, rate: 20 }));
  const all = chosen('all', { failed: 1, others: 30, rate: 1 });
  await storeSpans(
    store,
    all.map((span) => ({ ...span, resource: { 'tandem.run.id': 'all' } })),
  );
  for (const path of [
    '/api/compare?base=all&head=chosen',
    '/api/compare?base=chosen&head=all',
    '/api/report?run=chosen&base=all',
  ]) {
    const { status, body } = await get(path);
    t.equal(status, 400, path);
    t.match(body.detail, /weights/);
  }
});

for (const pull of ['prod', undefined])
  t.test(
    `what only one of two samples${pull ? ' of an engine' : ''} has is neither new nor gone`,
    async (t) => {
      const { store, get } = await temporaryExplorer(t);
      const from = (spans: PlainSpan[], name: string) =>
        spans.map(({ resource, ...span }) => {
          const { 'tandem.pull.name': _, ...others } = resource ?? {};
          return { ...span, name, resource: pull ? (resource ?? {}) : others };
        });
      await storeSpans(store, from(chosen('first', { failed: 0, others: 40, rate: 3 }), 'GET /'));
      await storeSpans(store, from(chosen('second', { failed: 0, others: 40, rate: 3 }), 'GET /other'));
      const { body } = await get('/api/compare?base=first&head=second');
      const said = body.changes.map(({ how, sentence }: Change) => `${how}: ${sentence}`);
      t.same(said.sort(), ['other: none seen', 'other: the base did not show it']);
    },
  );

t.test('a cause is new in a pull where chance does not explain that the base lacks it', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, chosen('before', { failed: 0, others: 60, rate: 20 }));
  await storeSpans(store, chosen('often', { failed: 30, others: 30, rate: 20 }));
  await storeSpans(store, chosen('once', { failed: 1, others: 59, rate: 20 }));
  const { body: often } = await get('/api/report?run=often&base=before');
  t.match(changesIn(often.changes, 'causes'), [{ how: 'other', cause: { rule: 'error' } }]);
  const { body: once } = await get('/api/report?run=once&base=before');
  t.same(changesIn(once.changes, 'causes'), []);
});

t.test('fewer than 20 stored requests decide nothing, whatever they stand for', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, chosen('before', { failed: 0, others: 19, rate: 100 }));
  await storeSpans(store, chosen('after', { failed: 19, others: 0, rate: 1 }));
  const { body } = await get('/api/compare?base=before&head=after');
  t.same(body.changes, []);
  t.match(body.routes, [{ judged: false, base: { requests: 1900, stored: 19 } }]);
});

t.test('as many durations as are stored stand at equal shares of the weights', (t) => {
  const weighted = (...pairs: [number, number][]) => pairs.map(([value, weight]) => ({ value, weight }));
  t.same(atEqualShares(weighted([1, 4], [2, 4], [3, 4])), [1, 2, 3]);
  t.same(atEqualShares(weighted([1, 0.1], [2, 0.1], [3, 0.1], [4, 0.1])), [1, 2, 3, 4]);
  t.same(atEqualShares(weighted([1, 1], [2, 1], [3, 1], [4, 1], [5, 1], [100, 5])), [1, 3, 5, 100, 100, 100]);
  t.same(atEqualShares([]), []);
  t.end();
});
