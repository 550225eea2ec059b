import t from 'tap';
import type { RunsCompared } from '../../../../../src/parts/report/server/flaky/schemas.ts';
import { temporaryExplorer } from '../../../../explorer.ts';
import { storeSpans } from '../../../../spans.ts';
import { attemptSpans } from './test-run.ts';

const STATEMENT = [{ route: 'GET /cart', statements: ['SELECT t'] }];
const PLAIN = [{ route: 'GET /cart' }];

/** Runs in which a test fails, or not; another one passes in each; and a third ran in the first alone. */
function runsOf(outcomes: readonly boolean[]) {
  return outcomes.flatMap((fails, nth) => {
    const run = `run-${nth}`;
    return [
      ...attemptSpans({
        run,
        test: 'pays',
        status: fails ? 'fail' : 'pass',
        asks: fails ? STATEMENT : PLAIN,
      }),
      ...attemptSpans({ run, test: 'passes', status: 'pass', asks: nth % 2 === 0 ? STATEMENT : PLAIN }),
      ...(nth === 0 ? attemptSpans({ run, test: 'once', status: 'pass' }) : []),
    ];
  });
}

t.test('what all failed runs have and no passed one, from three of each on', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, runsOf([true, false, true, false, false, true, false]));
  const compared: RunsCompared = (await get('/api/flaky?run=c0ffee')).body;
  t.equal(compared.runs.length, 7);
  t.match(compared, {
    tests: 3,
    unsteady: [
      {
        test: 'test/cart.test.js › pays',
        line: 12,
        failed: 3,
        passed: 4,
        sentence: 'SELECT t was called in all 3 runs that failed, in none of the 4 that passed',
      },
    ],
    missing: [{ test: 'test/cart.test.js › once', runs: 1 }],
  });
  t.equal(compared.unsteady.length, 1);
  const ids = compared.runs.map(({ id }) => id);
  t.same(ids, ids.toSorted(), 'the oldest first');
  const few: RunsCompared = (await get('/api/flaky?runs=run-0,run-1')).body;
  t.match(few.unsteady, [
    { sentence: 'not enough runs to say: 1 of 2 failed; in one of each: SELECT t: 1 call, then 0' },
  ]);
  t.equal((await get('/api/flaky?run=c0ffee&count=3')).body.runs.length, 3);
  t.match(await get('/api/flaky?count=1'), { status: 400 });
  t.match(await get('/api/flaky?run=none'), { status: 404, body: { detail: /none/ } });
});

t.test('nothing in common is said, and runs without a difference', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [
    ...[503, 503, 500, 200, 200, 200].flatMap((status, nth) =>
      attemptSpans({
        run: `run-${nth}`,
        test: 'pays',
        status: status === 200 ? 'pass' : 'fail',
        asks: [{ route: 'GET /cart', status }],
      }),
    ),
  ]);
  const compared: RunsCompared = (await get('/api/flaky?run=c0ffee')).body;
  t.match(compared.unsteady, [{ failed: 3, passed: 3, sentence: /^nothing that all failed runs have/ }]);
  const passed: RunsCompared = (await get('/api/flaky?runs=run-3,run-4,run-5')).body;
  t.match(passed, { unsteady: [], missing: [] });
});
