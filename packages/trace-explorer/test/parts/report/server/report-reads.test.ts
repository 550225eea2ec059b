import t from 'tap';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import type { RunComparison } from '../../../../src/parts/report/server/compare/change.ts';
import type { RunReport } from '../../../../src/parts/report/server/schemas.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeSpans } from '../../../spans.ts';
import { makeRun, randomFrom } from './compare/make-run.ts';

const REPORT = '/api/report?run=head&base=base';

/** Counts the statements and the rows that a store reads. */
function counting(store: SpanStore) {
  const counts = { statements: 0, rows: 0 };
  const read = store.read.bind(store);
  store.read = async (sql, values, { take, ...options } = {}) => {
    counts.statements++;
    const counted = take && {
      take: (row: readonly unknown[]) => {
        counts.rows++;
        take(row);
      },
    };
    const result = await read(sql, values, { ...options, ...counted });
    counts.rows += result.rows.length;
    return result;
  };
  return counts;
}

/** Two equal runs. @param shared whether both have the same traces, as two pulls of one engine may have */
async function equalRuns(t: { teardown(fn: () => unknown): void }, shared: boolean) {
  const { store, get } = await temporaryExplorer(t);
  const base = makeRun('base', randomFrom(7)).map((span) => ({ spanId: randomId(8), ...span }));
  const resource = { 'vcs.ref.head.revision': 'head' };
  const head = shared ? base.map((span) => ({ ...span, resource })) : makeRun('head', randomFrom(7));
  await storeSpans(store, base);
  await storeSpans(store, head);
  const counts = counting(store);
  const report: RunReport = (await get(REPORT)).body;
  const compared: RunComparison = (await get('/api/compare?head=head&base=base')).body;
  return { counts, report, compared };
}

t.test('a base asks of the telemetry only what its score is made of', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  for (const name of ['base', 'head'])
    await storeSpans(store, makeRun(name, randomFrom(7), { requests: 20 }));
  const counts = counting(store);
  t.equal((await get(REPORT)).status, 200);
  // All rules of verify, for both runs, would be some twenty more, among them the longest.
  t.ok(counts.statements <= 55, `${counts.statements} statements`);
});

t.test('runs that share traces are read and counted as runs with traces of their own', async (t) => {
  const apart = await equalRuns(t, false);
  const shared = await equalRuns(t, true);
  const figures = ({ routes }: RunComparison) =>
    routes.map(({ service, route, base, head, calls }) => ({
      ...{ service, route, base: base.requests, head: head.requests },
      calls: calls.toSorted((a, b) => (a.operation < b.operation ? -1 : 1)),
    }));
  t.same(figures(shared.compared), figures(apart.compared));
  const sentences = ({ causes }: RunReport) => causes.map(({ sentence }) => sentence).toSorted();
  t.same(sentences(shared.report), sentences(apart.report));
  t.ok(
    shared.counts.rows <= 1.1 * apart.counts.rows,
    `${shared.counts.rows} rows, ${apart.counts.rows} of runs apart`,
  );
});
