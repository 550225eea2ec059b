import type { Test } from 'tap';
import t from 'tap';
import type { RunReport } from '../../../../../src/parts/report/server/schemas.ts';
import type { Verdict } from '../../../../../src/parts/report/server/verdict/schemas.ts';
import { temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { storeSpans } from '../../../../spans.ts';
import type { Attempted, Requested } from './test-run.ts';
import { attemptSpans } from './test-run.ts';
import type { WatchedTask } from './watched-vitest.ts';
import { watchedVitest } from './watched-vitest.ts';

const CHECKOUT = [{ route: 'GET /checkout' }];
const THROWS: readonly Requested[] = [{ route: 'GET /checkout', status: 500, thrown: 'src/pay.js:7' }];
const hour = () =>
  `start_time=${Math.floor(Date.now() / 1000) - 3600}&end_time=${Math.ceil(Date.now() / 1000) + 60}`;

/** What is told of the run `now` that has these spans: its tests, those that failed, and the problems of all traces. */
async function told(t: Test, spans: readonly PlainSpan[]) {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  const { runs } = (await get('/api/runs')).body;
  const { tests, failed, flaky = 0 } = runs[0];
  const report: RunReport = (await get('/api/report?run=now')).body;
  t.match(report, { tests, failed }, 'report counts as the list of runs does');
  const verdict: Verdict = (await get('/api/verdict?run=now')).body;
  t.match(verdict.tests ?? {}, { passed: tests - failed, failed }, 'and so does the end of run');
  t.equal(report.flaky?.length ?? 0, flaky);
  t.equal(verdict.tests?.flaky ?? 0, flaky);
  const { causes } = (await get(`/api/causes?${hour()}`)).body;
  return {
    counts: [tests, failed, flaky],
    failing: report.failing.map(({ test }) => test.split(' › ').at(-1)).toSorted(),
    problems: verdict.causes.map(({ sentence }) => sentence).join('\n'),
    wrong: causes.map(({ sentence }: { sentence: string }) => sentence).join('\n'),
  };
}

/** An execution of a file while the runner watches. */
function executed(
  tests: Readonly<Record<string, Attempted['status']>>,
  more: Partial<Attempted> = {},
): PlainSpan[] {
  const execution = more.execution ?? crypto.randomUUID();
  return Object.entries(tests).flatMap(([test, status]) =>
    attemptSpans({ run: 'now', attempt: 0, test, status, execution, ...more }),
  );
}

t.test('a test that was mended while the runner watches passes, and is not flaky', async (t) => {
  const { counts, problems, wrong } = await told(t, [
    ...executed({ pays: 'fail' }, { execution: 'first', asks: THROWS }),
    ...executed({ lists: 'pass' }, { execution: 'first', asks: CHECKOUT }),
    ...executed({ pays: 'pass', lists: 'pass' }, { asks: CHECKOUT }),
  ]);
  t.same(counts, [2, 0, 0]);
  t.notMatch(problems, /pays|no stock/);
  t.notMatch(wrong, /pays|no stock/);
});

t.test(
  'a test that was broken meanwhile is a failure, and one that stays broken is one failure',
  async (t) => {
    const { counts, failing, problems } = await told(t, [
      ...executed({ pays: 'pass', lists: 'fail' }),
      ...executed({ pays: 'fail', lists: 'fail' }),
      ...executed({ pays: 'fail', lists: 'fail' }),
    ]);
    t.same(
      [counts, failing],
      [
        [2, 2, 0],
        ['lists', 'pays'],
      ],
    );
    t.match(problems, /pays fails/);
  },
);

t.test('a test is flaky by the attempts of its newest execution', async (t) => {
  const flaky = (execution: string) => [
    ...attemptSpans({ run: 'now', test: 'pays', attempt: 0, status: 'fail', asks: THROWS, execution }),
    ...attemptSpans({ run: 'now', test: 'pays', attempt: 1, status: 'pass', asks: CHECKOUT, execution }),
  ];
  t.same((await told(t, [...flaky('a'), ...executed({ pays: 'pass' })])).counts, [1, 0, 0]);
  t.same((await told(t, [...executed({ pays: 'fail' }), ...flaky('b')])).counts, [1, 0, 1]);
  t.same((await told(t, [...flaky('a'), ...executed({ pays: 'fail' })])).counts, [1, 1, 0]);
});

t.test('what ran again in part keeps the results of the other tests', async (t) => {
  const first = executed({ pays: 'fail', lists: 'pass', waits: 'fail' });
  const part = executed({ pays: 'pass' });
  const { counts, failing } = await told(t, [...first, ...part]);
  t.same([counts, failing], [[3, 1, 0], ['waits']]);
});

t.test(
  'a test that an execution no longer has keeps its result: it may have been stopped before',
  async (t) => {
    const first = executed({ lists: 'pass', pays: 'fail' });
    const { counts, failing } = await told(t, [...first, ...executed({ lists: 'pass' })]);
    t.same([counts, failing], [[2, 1, 0], ['pays']]);
  },
);

t.test('two tests of one name are two, each by its last attempt', async (t) => {
  const twice = (one: Attempted['status'], other: Attempted['status']) => {
    const execution = crypto.randomUUID();
    return [...executed({ pays: one }, { execution }), ...executed({ pays: other }, { execution })];
  };
  const { counts } = await told(t, [...twice('fail', 'fail'), ...twice('pass', 'fail')]);
  t.same(counts, [2, 1, 0]);
});

t.test('each project runs the file by itself', async (t) => {
  const { counts } = await told(t, [
    ...executed({ pays: 'fail' }, { project: 'browser' }),
    ...executed({ pays: 'fail' }, { project: 'server' }),
    ...executed({ pays: 'pass' }, { project: 'browser' }),
  ]);
  t.same(counts, [2, 1, 0]);
});

t.test('where no runner watches, each execution counts', async (t) => {
  const once = (status: Attempted['status'], run = 'now') =>
    attemptSpans({ run, test: 'pays', attempt: 0, status });
  t.same((await told(t, [...once('fail'), ...once('pass')])).counts, [2, 1, 0]);
  const beside = [...once('fail'), ...once('pass'), ...executed({ pays: 'pass' })];
  t.same((await told(t, beside)).counts, [3, 1, 0], 'nor does one beside it replace them');
});

t.test('runs are told apart: a later one replaces nothing of an earlier one', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, [
    ...executed({ pays: 'fail' }, { run: 'one' }),
    ...executed({ pays: 'pass' }, { run: 'two' }),
  ]);
  const { runs } = (await get('/api/runs')).body;
  t.match(runs, [
    { id: 'two', tests: 1, failed: 0 },
    { id: 'one', tests: 1, failed: 1 },
  ]);
});

t.test('what Vitest runs again while it watches counts by the newest execution', async (t) => {
  const of = watchedVitest('now');
  const first = of({
    'cart.test.js': [
      { name: 'pays', fails: true, asks: THROWS },
      { name: 'lists', asks: CHECKOUT },
    ],
    'other.test.js': [{ name: 'pays' }],
  });
  const { counts, problems, wrong } = await told(t, [
    ...first,
    ...of({ 'cart.test.js': [{ name: 'pays', asks: CHECKOUT }, { name: 'lists' }] }),
  ]);
  t.same(counts, [3, 0, 0], 'another file keeps its results');
  t.notMatch(problems, /pays|no stock/);
  t.notMatch(wrong, /pays|no stock/);
  const broken = of({ 'cart.test.js': [{ name: 'pays' }, { name: 'lists', fails: true }] });
  t.same((await told(t, [...first, ...broken])).failing, ['lists']);
});

t.test('tests that Vitest leaves out keep their results, and those that went are gone', async (t) => {
  const suite = (...below: readonly WatchedTask[]): WatchedTask => ({ name: 'of a customer', below });
  const of = watchedVitest('now');
  const first = of({
    'cart.test.js': [
      { name: 'pays', fails: true },
      suite({ name: 'pays', fails: true }, { name: 'lists' }),
      { name: 'waits', isSkipped: true },
    ],
  });
  const part = of({
    'cart.test.js': [{ name: 'pays' }, { ...suite(), isSkipped: true }, { name: 'waits', isSkipped: true }],
  });
  const { counts, failing } = await told(t, [...first, ...part]);
  t.same([counts, failing], [[3, 1, 0], ['pays']], 'the suite was left out');
  const whole = of({
    'cart.test.js': [{ name: 'pays late' }, suite({ name: 'lists' }), { name: 'waits', isSkipped: true }],
  });
  t.same(
    (await told(t, [...first, ...part, ...whole])).counts,
    [2, 0, 0],
    'a test skipped all the time says nothing',
  );
});

t.test('tests of one name in one file of Vitest are as many as their newest execution has', async (t) => {
  const of = watchedVitest('now');
  const twice = (fails: boolean) =>
    of({
      'cart.test.js': [
        { name: 'pays', fails },
        { name: 'pays', fails: true },
      ],
    });
  t.same((await told(t, [...twice(true), ...twice(false)])).counts, [2, 1, 0]);
});

t.test('projects of Vitest, and runs of it that follow each other, replace nothing', async (t) => {
  const cart = [{ name: 'pays', fails: true }];
  const of = watchedVitest('now');
  const [browser, server] = ['browser', 'server'].map((project) => of({ 'cart.test.js': cart }, project));
  const again = of({ 'cart.test.js': [{ name: 'pays' }] }, 'server');
  t.same((await told(t, [...(browser ?? []), ...(server ?? []), ...again])).counts, [2, 1, 0]);
  const one = () => watchedVitest('now')({ 'cart.test.js': cart });
  t.same((await told(t, [...one(), ...one()])).counts, [2, 2, 0], 'each is a process of its own');
});

t.test('runs of Vitest whose processes were given one id by their environment replace nothing', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const cart = { 'cart.test.js': [{ name: 'pays', fails: true }] };
  await storeSpans(
    store,
    ['one', 'two'].flatMap((run) => watchedVitest(run, 'ci')(cart)),
  );
  const { runs } = (await get('/api/runs')).body;
  t.match(runs, [
    { id: 'two', tests: 1, failed: 1 },
    { id: 'one', tests: 1, failed: 1 },
  ]);
});
