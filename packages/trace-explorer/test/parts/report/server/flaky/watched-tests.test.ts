import t from 'tap';
import type { Cause } from '../../../../../src/core/problems/schemas.ts';
import { getOrMake } from '../../../../../src/lib/get-or-make.ts';
import type { RunReport } from '../../../../../src/parts/report/server/schemas.ts';
import type { Verdict } from '../../../../../src/parts/report/server/verdict/schemas.ts';
import { temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeSpans } from '../../../../spans.ts';
import type { Attempted, Requested } from './test-run.ts';
import { attemptSpans } from './test-run.ts';
import type { WatchedTask } from './watched-vitest.ts';
import { watchedVitest } from './watched-vitest.ts';

const CHECKOUT = [{ route: 'GET /checkout' }];
const THROWS: readonly Requested[] = [{ route: 'GET /checkout', status: 500, thrown: 'src/pay.js:7' }];
const hour = () =>
  `start_time=${Math.floor(Date.now() / 1000) - 3600}&end_time=${Math.ceil(Date.now() / 1000) + 60}`;

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

const flaky = (execution: string) => [
  ...attemptSpans({ run: 'now', test: 'pays', attempt: 0, status: 'fail', asks: THROWS, execution }),
  ...attemptSpans({ run: 'now', test: 'pays', attempt: 1, status: 'pass', asks: CHECKOUT, execution }),
];

/** An execution with two tests of one name. */
const twice = (one: Attempted['status'], other: Attempted['status']) => {
  const execution = crypto.randomUUID();
  return [...executed({ pays: one }, { execution }), ...executed({ pays: other }, { execution })];
};

/** An execution where no runner watches. */
const once = (status: Attempted['status']) => attemptSpans({ run: 'now', test: 'pays', attempt: 0, status });

const suite = (...below: readonly WatchedTask[]): WatchedTask => ({ name: 'of a customer', below });

/** A process of Vitest that watches: two files, then the first one again. */
function againInVitest(...cart: readonly WatchedTask[]): PlainSpan[] {
  const of = watchedVitest('now');
  return [
    ...of({
      'cart.test.js': [
        { name: 'pays', fails: true, asks: THROWS },
        { name: 'lists', asks: CHECKOUT },
      ],
      'other.test.js': [{ name: 'pays' }],
    }),
    ...of({ 'cart.test.js': cart }),
  ];
}

/** Vitest runs a file whose suite it leaves out then, and which has other tests in the end. */
function leftOutByVitest(isWhole: boolean): PlainSpan[] {
  const of = watchedVitest('now');
  const waits = { name: 'waits', isSkipped: true };
  return [
    ...of({
      'cart.test.js': [
        { name: 'pays', fails: true },
        suite({ name: 'pays', fails: true }, { name: 'lists' }),
        waits,
      ],
    }),
    ...of({ 'cart.test.js': [{ name: 'pays' }, { ...suite(), isSkipped: true }, waits] }),
    ...(isWhole ? of({ 'cart.test.js': [{ name: 'pays late' }, suite({ name: 'lists' }), waits] }) : []),
  ];
}

/** Two tests of one name in a file of Vitest, twice. */
function twiceInVitest(): PlainSpan[] {
  const of = watchedVitest('now');
  const second = { name: 'pays', fails: true };
  return [true, false].flatMap((fails) => of({ 'cart.test.js': [{ name: 'pays', fails }, second] }));
}

const CART = { 'cart.test.js': [{ name: 'pays', fails: true }] };

function projectsOfVitest(): PlainSpan[] {
  const of = watchedVitest('now');
  const again = { 'cart.test.js': [{ name: 'pays' }] };
  return [...of(CART, 'browser'), ...of(CART, 'server'), ...of(again, 'server')];
}

/** What ran, and what it makes: how many tests, failed and flaky ones, and the names of those that failed. */
const CASES: Readonly<
  Record<string, readonly [PlainSpan[], counts: [number, number, number], failing: string[]]>
> = {
  'a test that was mended while the runner watches passes, and is not flaky': [
    [
      ...executed({ pays: 'fail' }, { execution: 'first', asks: THROWS }),
      ...executed({ lists: 'pass' }, { execution: 'first', asks: CHECKOUT }),
      ...executed({ pays: 'pass', lists: 'pass' }, { asks: CHECKOUT }),
    ],
    [2, 0, 0],
    [],
  ],
  'a test that was broken meanwhile is a failure, and one that stays broken is one failure': [
    [
      ...executed({ pays: 'pass', lists: 'fail' }),
      ...executed({ pays: 'fail', lists: 'fail' }),
      ...executed({ pays: 'fail', lists: 'fail' }),
    ],
    [2, 2, 0],
    ['lists', 'pays'],
  ],
  'a test is flaky by the attempts of its newest execution: it passes at once': [
    [...flaky('a'), ...executed({ pays: 'pass' })],
    [1, 0, 0],
    [],
  ],
  'a test is flaky by the attempts of its newest execution: it is flaky': [
    [...executed({ pays: 'fail' }), ...flaky('b')],
    [1, 0, 1],
    [],
  ],
  'a test is flaky by the attempts of its newest execution: it fails': [
    [...flaky('a'), ...executed({ pays: 'fail' })],
    [1, 1, 0],
    ['pays'],
  ],
  'what ran again in part keeps the results of the other tests': [
    [...executed({ pays: 'fail', lists: 'pass', waits: 'fail' }), ...executed({ pays: 'pass' })],
    [3, 1, 0],
    ['waits'],
  ],
  'a test that an execution no longer has keeps its result: it may have been stopped before': [
    [...executed({ lists: 'pass', pays: 'fail' }), ...executed({ lists: 'pass' })],
    [2, 1, 0],
    ['pays'],
  ],
  'two tests of one name are two, each by its last attempt': [
    [...twice('fail', 'fail'), ...twice('pass', 'fail')],
    [2, 1, 0],
    ['pays'],
  ],
  'each project runs the file by itself': [
    [
      ...executed({ pays: 'fail' }, { project: 'browser' }),
      ...executed({ pays: 'fail' }, { project: 'server' }),
      ...executed({ pays: 'pass' }, { project: 'browser' }),
    ],
    [2, 1, 0],
    ['pays'],
  ],
  'where no runner watches, each execution counts': [[...once('fail'), ...once('pass')], [2, 1, 0], ['pays']],
  'where no runner watches, an execution beside it replaces none': [
    [...once('fail'), ...once('pass'), ...executed({ pays: 'pass' })],
    [3, 1, 0],
    ['pays'],
  ],
  'what Vitest runs again while it watches counts by the newest execution, and another file keeps its results':
    [againInVitest({ name: 'pays', asks: CHECKOUT }, { name: 'lists' }), [3, 0, 0], []],
  'what Vitest runs again while it watches fails by the newest execution': [
    againInVitest({ name: 'pays' }, { name: 'lists', fails: true }),
    [3, 1, 0],
    ['lists'],
  ],
  'a suite that Vitest leaves out keeps its results': [leftOutByVitest(false), [3, 1, 0], ['pays']],
  'a test that went from Vitest is gone, and one skipped all the time says nothing': [
    leftOutByVitest(true),
    [2, 0, 0],
    [],
  ],
  'tests of one name in one file of Vitest are as many as their newest execution has': [
    twiceInVitest(),
    [2, 1, 0],
    ['pays'],
  ],
  'projects of Vitest replace nothing of each other': [projectsOfVitest(), [2, 1, 0], ['pays']],
  'runs of Vitest that follow each other replace nothing: each is a process of its own': [
    [...watchedVitest('now')(CART), ...watchedVitest('now')(CART)],
    [2, 2, 0],
    ['pays', 'pays'],
  ],
};

/** The spans as those of a service and a run, in traces of their own. */
function asOf(run: string, service: string, spans: readonly PlainSpan[]): PlainSpan[] {
  const traces = new Map<string | undefined, string>();
  return spans.map((span) => ({
    ...span,
    traceId: getOrMake(traces, span.traceId, () => randomId(16)),
    service,
    resource: { ...span.resource, 'tandem.run.id': run },
  }));
}

t.test('the newest execution of a file counts while a runner watches', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  // Each case is a run, which the list counts, and a service of the run `all`, whose reading tells what failed in each.
  const cases = Object.entries(CASES).map(([what, [spans, counts, failing]], nth) => {
    const service = `case-${nth}`;
    return { ...{ what, counts, failing, service }, inAll: asOf('all', service, spans), spans };
  });
  for (const { service, spans, inAll } of cases)
    await storeSpans(store, [...asOf(service, service, spans), ...inAll]);
  const { runs } = (await get('/api/runs')).body;
  const countsOf = (id: string) => {
    const { tests, failed, flaky = 0 } = runs.find((run: { id: string }) => run.id === id);
    return [tests, failed, flaky];
  };
  const report: RunReport = (await get('/api/report?run=all')).body;
  const verdict: Verdict = (await get('/api/verdict?run=all')).body;
  const { causes } = (await get(`/api/causes?${hour()}`)).body as { causes: readonly Cause[] };

  const sum = (at: 0 | 1 | 2) => cases.reduce((all, { counts }) => all + counts[at], 0);
  const [all, failed, flaky] = [sum(0), sum(1), sum(2)];
  t.same(countsOf('all'), [all, failed, flaky]);
  t.match(report, { tests: all, failed }, 'report counts as the list of runs does');
  t.equal(report.flaky?.length, flaky);
  t.match(verdict.tests, { passed: all - failed, failed, flaky }, 'and so does the end of run');

  for (const { what, counts, failing, service, inAll } of cases)
    t.test(what, (t) => {
      t.same(countsOf(service), counts);
      const traces = new Set(inAll.map(({ traceId }) => traceId));
      const failed = report.failing.filter(({ trace_id }) => traces.has(trace_id));
      t.same(failed.map(({ test }) => test.split(' › ').at(-1)).toSorted(), failing);
      const told = verdict.causes.filter((cause) => cause.service === service);
      t.equal(told.filter(({ rule }) => rule === 'test').length, counts[1]);
      const wrong = causes.filter((cause) => cause.service === service);
      const said = [...told, ...wrong].map(({ sentence }) => sentence).join('\n');
      for (const test of ['pays', 'lists'])
        if (!failing.includes(test)) t.notMatch(said, `${test} fails`, 'in no list');
      if (failing.length === 0) t.notMatch(said, /no stock/);
      for (const test of failing) t.match(said, `${test} fails`);
      t.end();
    });
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

t.test('runs of Vitest whose processes were given one id by their environment replace nothing', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(
    store,
    ['one', 'two'].flatMap((run) => watchedVitest(run, 'ci')(CART)),
  );
  const { runs } = (await get('/api/runs')).body;
  t.match(runs, [
    { id: 'two', tests: 1, failed: 1 },
    { id: 'one', tests: 1, failed: 1 },
  ]);
});
