import t from 'tap';
import type { RunReport } from '../../../../../src/parts/report/server/schemas.ts';
import type { Verdict } from '../../../../../src/parts/report/server/verdict/schemas.ts';
import { temporaryExplorer } from '../../../../explorer.ts';
import { storeSpans } from '../../../../spans.ts';
import { attemptSpans, vitestSpans } from './test-run.ts';

const CHECKOUT = [{ route: 'GET /checkout' }];
const FAILS = [{ route: 'GET /checkout', status: 503 }];
const hour = () =>
  `start_time=${Math.floor(Date.now() / 1000) - 3600}&end_time=${Math.ceil(Date.now() / 1000) + 60}`;

t.test('the last attempt of a test decides, and the sentence says what differs', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const run = 'now';
  await storeSpans(store, [
    ...attemptSpans({ run, test: 'pays', attempt: 0, status: 'fail', asks: FAILS }),
    ...attemptSpans({ run, test: 'pays', attempt: 1, status: 'pass', asks: CHECKOUT }),
    ...attemptSpans({ run, test: 'fails', attempt: 0, status: 'fail', asks: CHECKOUT }),
    ...attemptSpans({ run, test: 'fails', attempt: 1, status: 'fail', message: 'the last', asks: CHECKOUT }),
    ...attemptSpans({ run, test: 'passes', attempt: 0, status: 'pass', asks: CHECKOUT }),
    ...attemptSpans({ run, test: 'skips itself', attempt: 0, status: 'skip' }),
    // A runner that tells no attempts, and a test that stands twice in its file.
    ...attemptSpans({ run, test: 'twice', status: 'fail' }),
    ...attemptSpans({ run, test: 'twice', status: 'pass' }),
  ]);
  const { runs } = (await get('/api/runs')).body;
  t.match(runs, [{ tests: 5, failed: 2, flaky: 1 }]);
  const report: RunReport = (await get('/api/report?run=now')).body;
  t.match(report, { tests: 5, failed: 2 });
  t.match(
    report.failing.map(({ test, message }) => [test, message]),
    [
      ['test/cart.test.js › fails', 'the last'],
      ['test/cart.test.js › twice', /503/],
    ],
  );
  const [flaky] = report.flaky ?? [];
  t.match(report.flaky, [
    {
      test: 'test/cart.test.js › pays',
      file: 'test/cart.test.js',
      line: 12,
      message: /expected 503/,
      failed: 1,
      passed: 1,
      sentence: 'GET /checkout answered 503, then 200',
    },
  ]);
  t.not(flaky?.trace_id, flaky?.other_trace_id);
  t.match(flaky?.differs_at, /^[0-9a-f]{16}$/);
  const verdict: Verdict = (await get('/api/verdict?run=now')).body;
  t.match(verdict, { tests: { passed: 3, failed: 2, flaky: 1 }, flaky: [{ sentence: /503, then 200/ }] });
  t.notOk(
    verdict.causes.some(({ sentence }) => sentence.includes('pays')),
    'a flaky test is no failure',
  );
  const { causes } = (await get(`/api/causes?${hour()}`)).body;
  const errors = causes.map(({ sentence }: { sentence: string }) => sentence).join('\n');
  t.notMatch(errors, 'pays', 'what_is_wrong tells of the last attempt alone');
  t.match(errors, 'fails');
});

t.test('a warning is at a line of the test, whatever file threw', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const stack = (file: string) => `Error: timed out\n    at wait (${file}:13:7)`;
  const thrown = (test: string, file: string) => {
    const [root, ...others] = attemptSpans({ run: 'now', test, attempt: 0, status: 'fail' });
    const { 'code.line.number': _, ...attributes } = root?.attributes ?? {};
    const event = {
      'exception.type': 'Error',
      'exception.message': 'no',
      'exception.stacktrace': stack(file),
    };
    return [
      { ...root, attributes, events: [{ name: 'exception', attributes: event }] },
      ...others,
      ...attemptSpans({ run: 'now', test, attempt: 1, status: 'pass' }),
    ];
  };
  await storeSpans(store, [...thrown('own', 'test/cart.test.js'), ...thrown('other', 'lib/wait.js')]);
  const { flaky = [] }: RunReport = (await get('/api/report?run=now')).body;
  t.same(
    flaky.map(({ file, line }) => [file, line]),
    [
      ['test/cart.test.js', 13],
      ['test/cart.test.js', undefined],
    ],
  );
});

t.test('a comparison with another run takes the last attempt of each test', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const once = [{ route: 'GET /checkout', statements: ['SELECT t'] }];
  await storeSpans(store, [
    ...attemptSpans({ run: 'base', test: 'pays', attempt: 0, status: 'pass', asks: once }),
    ...attemptSpans({
      run: 'now',
      test: 'pays',
      attempt: 0,
      status: 'fail',
      asks: [{ route: 'GET /checkout', statements: ['SELECT t', 'SELECT t', 'SELECT t'] }],
    }),
    ...attemptSpans({ run: 'now', test: 'pays', attempt: 1, status: 'pass', asks: once }),
  ]);
  const { changes, flaky }: RunReport = (await get('/api/report?run=now&base=base')).body;
  t.same(changes, [], 'the calls of the failed attempt are not those of the test');
  t.match(flaky, [{ sentence: 'SELECT t: 3 calls, then 1' }]);
});

t.test('the attempts of a test of Vitest are the bodies below it', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(
    store,
    vitestSpans('v', { pays: [FAILS, FAILS, CHECKOUT], passes: [CHECKOUT], polls: [[], []] }),
  );
  const { runs } = (await get('/api/runs')).body;
  t.match(runs, [{ tests: 3, failed: 0, flaky: 2 }]);
  const report: RunReport = (await get('/api/report?run=v')).body;
  t.match(report, { tests: 3, failed: 0, failing: [] });
  t.match(report.flaky, [
    { test: 'cart.test.js › pays', failed: 2, passed: 1, sentence: 'GET /checkout answered 503, then 200' },
    { test: 'cart.test.js › polls', sentence: /^no difference in what was called/ },
  ]);
  const [flaky] = report.flaky ?? [];
  t.equal(flaky?.trace_id, flaky?.other_trace_id, 'in one trace');
  t.not(flaky?.span_id, flaky?.other_span_id);
  const { causes } = (await get(`/api/causes?${hour()}`)).body;
  t.notOk(causes.some(({ name }: { name: string }) => name.startsWith('vitest.')));
});

t.test('a problem that only failed attempts have is none of the run, and stands with the test', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const throws = [{ route: 'GET /checkout', status: 500, thrown: 'src/pay.js:7' }];
  const [once, often] = [{ run: 'once' }, { run: 'often' }].map((of) => [
    ...attemptSpans({ ...of, test: 'pays', attempt: 0, status: 'fail', asks: throws }),
    ...attemptSpans({ ...of, test: 'pays', attempt: 1, status: 'pass', asks: CHECKOUT }),
  ]);
  // Another test has the same error, and passes.
  const more = attemptSpans({ run: 'often', test: 'refuses', attempt: 0, status: 'pass', asks: throws });
  await storeSpans(store, [
    ...(once ?? []),
    ...(often ?? []),
    ...more,
    ...vitestSpans('v', { pays: [throws, CHECKOUT] }),
  ]);
  for (const run of ['once', 'v']) {
    const verdict: Verdict = (await get(`/api/verdict?run=${run}&sightings=true`)).body;
    t.same([verdict.causes, verdict.failed], [[], 0], run);
    const error = { sentence: /no stock/, file: 'src/pay.js', line: 7 };
    t.match(verdict.flaky, [{ sentence: 'GET /checkout answered 500, then 200', error }], run);
    const report: RunReport = (await get(`/api/report?run=${run}&sightings=true`)).body;
    t.same(report.causes, [], run);
    t.match(report.weak, [{ route: 'GET /checkout' }], 'an accepted problem is seen, so prune keeps it');
  }
  const verdict: Verdict = (await get('/api/verdict?run=often')).body;
  t.match(verdict.causes, [{ file: 'src/pay.js', seen: 2, of: 3 }], 'counted over all requests');
  t.notOk(verdict.flaky?.[0]?.error, 'it is told among the problems');
  const { causes } = (await get(`/api/causes?${hour()}`)).body;
  t.match(causes, [{ sentence: /no stock/, traces: 1 }], 'what_is_wrong takes the attempts that decide');
});

t.test('tests of one name count as tests, each by its last attempt', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const of = { run: 'now', test: 'pays' };
  await storeSpans(store, [
    // Each runs again at once, as Mocha does it: one fails in the end, two pass on a retry, one passes at once.
    ...attemptSpans({ ...of, attempt: 0, status: 'fail', asks: FAILS }),
    ...attemptSpans({ ...of, attempt: 1, status: 'fail', message: 'the first', asks: FAILS }),
    ...attemptSpans({ ...of, attempt: 0, status: 'fail', asks: FAILS }),
    ...attemptSpans({ ...of, attempt: 1, status: 'pass', asks: CHECKOUT }),
    ...attemptSpans({ ...of, attempt: 0, status: 'pass' }),
    ...attemptSpans({ ...of, attempt: 0, status: 'fail', asks: [{ route: 'GET /slow', status: 500 }] }),
    ...attemptSpans({ ...of, attempt: 1, status: 'pass', asks: [{ route: 'GET /slow' }] }),
    ...attemptSpans({ ...of, attempt: 0, status: 'fail', message: 'the last' }),
    ...attemptSpans({ ...of, attempt: 1, status: 'fail', message: 'the last' }),
  ]);
  const { runs } = (await get('/api/runs')).body;
  t.match(runs, [{ tests: 5, failed: 2, flaky: 2 }]);
  const report: RunReport = (await get('/api/report?run=now')).body;
  t.match(report, { tests: 5, failed: 2, with_requests: 3 });
  t.same(
    report.failing.map(({ message }) => message),
    ['the first', 'the last'],
  );
  t.same(
    report.flaky?.map(({ sentence }) => sentence),
    ['GET /checkout answered 503, then 200', 'GET /slow answered 500, then 200'],
  );
  const verdict: Verdict = (await get('/api/verdict?run=now')).body;
  t.match(verdict.tests, { passed: 3, failed: 2, flaky: 2 });
  const failing = verdict.causes.filter(({ rule }) => rule === 'test');
  t.match(failing, [
    { sentence: /fails after GET \/checkout answered 503: the first$/ },
    { sentence: /fails: the last$/ },
  ]);
  t.not(failing[0]?.trace_id, failing[1]?.trace_id, 'each with its own trace');
});

t.test('Jest tries tests of one name again when all have run', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const of = { run: 'now', test: 'pays' };
  const [slow, slowFails] = [[{ route: 'GET /slow' }], [{ route: 'GET /slow', status: 500 }]];
  await storeSpans(store, [
    ...attemptSpans({ ...of, attempt: 0, status: 'fail', asks: FAILS }),
    ...attemptSpans({ ...of, attempt: 0, status: 'pass' }),
    ...attemptSpans({ ...of, attempt: 0, status: 'fail', asks: slowFails }),
    ...attemptSpans({ ...of, attempt: 1, status: 'pass', asks: CHECKOUT }),
    ...attemptSpans({ ...of, attempt: 1, status: 'pass', asks: slow }),
  ]);
  const { runs } = (await get('/api/runs')).body;
  t.match(runs, [{ tests: 3, failed: 0, flaky: 2 }]);
  const verdict: Verdict = (await get('/api/verdict?run=now')).body;
  t.match(verdict.tests, { passed: 3, failed: 0, flaky: 2 });
  t.match(verdict.flaky, [
    { sentence: 'GET /checkout answered 503, then 200' },
    { sentence: 'GET /slow answered 500, then 200' },
  ]);
});

t.test('what a failed attempt shows is neither new nor gone', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const throws = [{ route: 'GET /checkout', status: 500, thrown: 'src/pay.js:7' }];
  const flaky = (run: string) => [
    ...attemptSpans({ run, test: 'pays', attempt: 0, status: 'fail', asks: throws }),
    ...attemptSpans({ run, test: 'pays', attempt: 1, status: 'pass', asks: CHECKOUT }),
  ];
  await storeSpans(store, [
    ...attemptSpans({ run: 'passes', test: 'pays', attempt: 0, status: 'pass', asks: CHECKOUT }),
    ...flaky('flaky'),
    ...attemptSpans({ run: 'fails', test: 'pays', attempt: 0, status: 'fail', asks: throws }),
  ]);
  const changes = async (run: string, base: string) => {
    const { changes = [] }: RunReport = (await get(`/api/report?run=${run}&base=${base}`)).body;
    return changes.filter(({ of }) => of === 'cause').map(({ how }) => how);
  };
  t.same(await changes('flaky', 'passes'), []);
  t.same(await changes('flaky', 'fails'), [], 'it is not gone');
  t.same(await changes('passes', 'flaky'), []);
});

t.test('large traces of many attempts are read in parts', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const statements = Array.from({ length: 4_000 }, () => 'SELECT t');
  const asks = [{ route: 'GET /list', statements, ms: 5_000 }];
  for (const test of ['one', 'two', 'three'])
    await storeSpans(store, [
      ...attemptSpans({ run: 'now', test, attempt: 0, status: 'fail', asks: [...FAILS, ...asks] }),
      ...attemptSpans({ run: 'now', test, attempt: 1, status: 'pass', asks: [...CHECKOUT, ...asks] }),
    ]);
  const { flaky = [] }: RunReport = (await get('/api/report?run=now')).body;
  t.equal(flaky.length, 3);
  for (const { sentence } of flaky) t.equal(sentence, 'GET /checkout answered 503, then 200');
});
