import t from 'tap';
import { runsSections } from '../../../../../src/parts/report/runs-sections.ts';
import type { RunsCompared } from '../../../../../src/parts/report/server/flaky/schemas.ts';
import { summaryOf } from '../../../../../src/parts/report/summary.ts';
import { temporaryExplorer } from '../../../../explorer.ts';
import { storeSpans } from '../../../../spans.ts';
import type { Requested } from './test-run.ts';
import { attemptSpans } from './test-run.ts';

type Asks = readonly Requested[];
const STATEMENT: Asks = [{ route: 'GET /cart', statements: ['SELECT t'] }];
const PLAIN: Asks = [{ route: 'GET /cart' }];

/** Runs in which a test fails, or not; another one passes in each; and a third ran in the first alone. */
function runsOf(outcomes: readonly boolean[], ofFailed: Asks = STATEMENT, ofPassed: Asks = PLAIN) {
  return outcomes.flatMap((fails, nth) => {
    const run = `run-${nth}`;
    return [
      ...attemptSpans({
        run,
        test: 'pays',
        status: fails ? 'fail' : 'pass',
        asks: fails ? ofFailed : ofPassed,
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

t.test('a run whose command failed has not passed, though no test is known to have failed', async (t) => {
  const { store, get, app } = await temporaryExplorer(t);
  await storeSpans(store, runsOf([false, false, true, false, false]));
  const tell = (run: string, exit_code: number) =>
    app.inject({ method: 'POST', url: '/api/code-folder', payload: { run, folder: '/srv/shop', exit_code } });
  for (const [nth, code] of [0, 3, 1, 130, 0].entries())
    t.equal((await tell(`run-${nth}`, code)).statusCode, 200);
  const sentenceOf = async (runs: readonly number[]) => {
    const asked = runs.map((nth) => `run-${nth}`).join();
    return runsSections((await get(`/api/flaky?runs=${asked}`)).body)[0].sentences[0];
  };
  t.match(await sentenceOf([0, 4]), /^2 of 2 runs passed; /);
  t.match(await sentenceOf([0, 1]), /^1 of 2 runs failed \(exit code 3\), though no test did; /);
  t.match(
    await sentenceOf([0, 1, 2]),
    /^2 of 3 runs failed, 1 of them \(exit code 3\) though no test did; the outcome of 1 test differs/,
  );
  t.match(await sentenceOf([0, 2]), /^1 of 2 runs passed, 1 failed; /);
  t.match(await sentenceOf([0, 3]), /^2 of 2 runs passed; /, 'somebody ended it');
  const reported = async (nth: number) => summaryOf((await get(`/api/report?run=run-${nth}`)).body);
  t.match(
    await reported(1),
    /; 2 tests ran, none known to have failed, though the command ended with exit code 3; /,
  );
  t.match(await reported(0), /; 3 tests, 0 failed; /);
  t.match(await reported(2), /; 2 tests, 1 failed; /);
});

t.test('what all passed runs have and no failed one is said the other way round', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, runsOf([true, false, true, false, true, false], PLAIN, STATEMENT));
  const { unsteady }: RunsCompared = (await get('/api/flaky?run=c0ffee')).body;
  t.match(unsteady, [
    { sentence: 'SELECT t was called in none of the 3 runs that failed, in all 3 that passed' },
  ]);
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

t.test('runs whose test passed on a retry are failed ones, and say so', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const [fails, passes] = [503, 200].map((status) => [{ route: 'GET /cart', status }]);
  await storeSpans(
    store,
    [true, true, true, false, false, false].flatMap((isFlaky, nth) => {
      const of = { run: `run-${nth}`, test: 'pays' };
      return [
        ...(isFlaky ? attemptSpans({ ...of, attempt: 0, status: 'fail', asks: fails ?? [] }) : []),
        ...attemptSpans({ ...of, attempt: isFlaky ? 1 : 0, status: 'pass', asks: passes ?? [] }),
      ];
    }),
  );
  const compared: RunsCompared = (await get('/api/flaky?run=c0ffee')).body;
  t.match(compared.unsteady, [
    {
      ...{ failed: 3, flaky: 3, passed: 3 },
      sentence: 'GET /cart answered 503 in all 3 runs that failed, in none of the 3 that passed',
    },
  ]);
  const row = (of: RunsCompared) => runsSections(of)[1]?.rows[0]?.cells[1] ?? '';
  t.match(row(compared), /^failed in 3 of 6 runs, then passed on a retry: GET \/cart answered 503 in all/);
  const few: RunsCompared = (await get('/api/flaky?runs=run-0,run-3')).body;
  t.match(row(few), /^not enough runs to say: 1 of 2 failed, then passed on a retry; in one of each: GET/);
});

t.test('two tests of one name, of which one always fails, have the same outcome in each run', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(
    store,
    ['run-0', 'run-1'].flatMap((run) => [
      ...attemptSpans({ run, test: 'pays', attempt: 0, status: 'fail' }),
      ...attemptSpans({ run, test: 'pays', attempt: 0, status: 'pass' }),
    ]),
  );
  t.match((await get('/api/flaky?run=c0ffee')).body, { tests: 2, unsteady: [] });
});

t.test('of tests of one name each has its own outcome in each run', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const of = (run: string, statuses: readonly ('pass' | 'fail')[]) =>
    statuses.flatMap((status) => attemptSpans({ run, test: 'pays', attempt: 0, status }));
  const retried = (run: string, attempts: readonly ('pass' | 'fail')[]) =>
    attempts.flatMap((status, attempt) => attemptSpans({ run, test: 'waits', attempt, status }));
  await storeSpans(store, [
    ...of('run-0', ['fail', 'pass', 'fail']),
    ...of('run-1', ['fail', 'pass', 'pass']),
    // Two of one name are flaky in each run.
    ...['run-0', 'run-1'].flatMap((run) => [
      ...retried(run, ['fail', 'pass']),
      ...retried(run, ['pass']),
      ...retried(run, ['fail', 'pass']),
    ]),
    // As many fail in each run: they may have run in another order.
    ...attemptSpans({ run: 'run-0', test: 'swaps', attempt: 0, status: 'fail' }),
    ...attemptSpans({ run: 'run-0', test: 'swaps', attempt: 0, status: 'pass' }),
    ...attemptSpans({ run: 'run-1', test: 'swaps', attempt: 0, status: 'pass' }),
    ...attemptSpans({ run: 'run-1', test: 'swaps', attempt: 0, status: 'fail' }),
  ]);
  const { tests, unsteady }: RunsCompared = (await get('/api/flaky?run=c0ffee')).body;
  t.equal(tests, 8);
  t.match(
    unsteady.map(({ test, failed, flaky = 0, passed }) => ({ test, failed, flaky, passed })),
    [
      { test: /pays$/, failed: 1, flaky: 0, passed: 1 },
      { test: /waits$/, failed: 2, flaky: 2, passed: 0 },
      { test: /waits$/, failed: 2, flaky: 2, passed: 0 },
    ],
  );
  t.equal(unsteady.length, 3);
});

t.test('of few runs, the sentence says how many also where no trace was read', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const statements = Array.from({ length: 20_001 }, () => 'SELECT t');
  const asks = [{ route: 'GET /cart', statements, ms: 30_000 }];
  await storeSpans(store, [
    ...attemptSpans({ run: 'run-0', test: 'pays', status: 'fail', asks }),
    ...attemptSpans({ run: 'run-1', test: 'pays', status: 'pass' }),
  ]);
  const compared: RunsCompared = (await get('/api/flaky?run=c0ffee')).body;
  t.equal(
    runsSections(compared)[1]?.rows[0]?.cells[1],
    'not enough runs to say: 1 of 2 failed; not compared: its trace is too large',
  );
});
