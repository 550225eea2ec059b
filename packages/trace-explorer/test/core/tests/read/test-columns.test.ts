import t from 'tap';
import { readShown } from '../../../../src/core/problems/read/read-shown.ts';
import { runOf } from '../../../../src/core/runs/read-runs.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { decides, isOfDecidingTrace, undecidedIn } from '../../../../src/core/tests/read/test-columns.ts';
import { spanColumns } from '../../../../src/core/traces/read/span-columns.ts';
import { at } from '../../../explorer.ts';
import { attemptSpans, later, requests, vitestSpans } from '../../../parts/report/server/flaky/test-run.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans, temporaryStore } from '../../../spans.ts';

const PAYS = [{ route: 'GET /pay', statements: ['SELECT stock'] }];

/** A test of Vitest without hooks, with the names of its parts and when each begins. */
function partsOf(parts: readonly (readonly [name: string, after: number])[]): PlainSpan[] {
  const [traceId, own, start] = [randomId(16), randomId(8), later()];
  const base = { traceId, service: 'shop', resource: { 'tandem.run.id': 'now' } };
  const attributes = { 'vitest.test.name': 'pays', 'vitest.test.mode': 'run' };
  const test = { spanId: own, name: 'vitest.test.runner.run.test', start: at(start), durationMs: 900 };
  return [
    { ...base, ...test, attributes },
    ...parts.flatMap(([part, after]) => {
      const spanId = randomId(8);
      const name = `vitest.test.runner.test.${part}`;
      const span = { ...base, spanId, parentSpanId: own, name, start: at(start + after), durationMs: 90 };
      return [span, ...requests(base, spanId, start + after, PAYS)];
    }),
  ];
}

/** The ids of the spans of a trace with a condition, in an order. */
async function idsOf(store: SpanStore, traceId: string, condition: string): Promise<string[]> {
  const c = spanColumns(store);
  const sql = `SELECT ${c.spanId} FROM spans WHERE ${c.traceId} = $1 AND ${condition}`;
  const { rows } = await store.read(sql, [traceId]);
  return rows.map(([id]) => String(id)).toSorted();
}

t.test('SQL and the model of a trace leave out the same spans of attempts that do not decide', async (t) => {
  const store = await temporaryStore(t);
  const traces: Readonly<Record<string, readonly [spans: PlainSpan[], undecided: number]>> = {
    // Three spans of hooks and body; a call, its request and a statement.
    'two tests, one of which ran three times': [
      vitestSpans('now', { pays: [PAYS, PAYS, []], ships: [PAYS] }),
      2 * (3 + 3),
    ],
    'each ran once': [vitestSpans('now', { pays: [PAYS], ships: [] }), 0],
    'without hooks': [
      partsOf([
        ['callback', 0],
        ['callback', 100],
      ]),
      4,
    ],
    'a hook after the last attempt alone': [
      partsOf([
        ['callback', 0],
        ['callback', 100],
        ['afterEach', 200],
      ]),
      4,
    ],
    'hooks alone': [
      partsOf([
        ['afterEach', 0],
        ['afterEach', 100],
      ]),
      0,
    ],
    // The spans of tests come after those of their parts.
    'two tests while they run': [
      vitestSpans('now', { pays: [PAYS], ships: [PAYS] }).filter(({ name }) => !name?.endsWith('.run.test')),
      0,
    ],
    'attempts that begin at one time': [
      partsOf([
        ['callback', 0],
        ['callback', 0],
      ]),
      0,
    ],
  };
  for (const [spans] of Object.values(traces)) await storeSpans(store, spans);
  const run = runOf(store);
  for (const [what, [spans, count]] of Object.entries(traces)) {
    const traceId = spans[0]?.traceId ?? '';
    const { models } = await readShown(store, [traceId], {});
    const byModel = models.flatMap((model) => [...undecidedIn(model)].map(model.spanId)).toSorted();
    t.strictSame(byModel, await idsOf(store, traceId, `NOT (${decides(store, run)})`), what);
    t.equal(byModel.length, count, what);
  }
});

t.test(
  'an attempt with a trace of its own is left out with this trace, of which its model says nothing',
  async (t) => {
    const store = await temporaryStore(t);
    const attempts = [0, 1].map((attempt) =>
      attemptSpans({
        run: 'now',
        test: 'pays',
        attempt,
        status: attempt === 0 ? 'fail' : 'pass',
        asks: PAYS,
      }),
    );
    for (const spans of attempts) await storeSpans(store, spans);
    const run = runOf(store);
    for (const [attempt, spans] of attempts.entries()) {
      const traceId = spans[0]?.traceId ?? '';
      for (const condition of [decides(store, run), isOfDecidingTrace(store, run)])
        t.equal((await idsOf(store, traceId, condition)).length, attempt === 0 ? 0 : spans.length);
      const { models } = await readShown(store, [traceId], {});
      t.strictSame(
        models.map((model) => undecidedIn(model).size),
        [0],
      );
    }
  },
);
