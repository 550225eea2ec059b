import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { testName } from '../../../../../telemetry/src/guest/tests/test-name.ts';
import { Intake } from '../../../../src/core/receiver/intake.ts';
import type { RunReport } from '../../../../src/parts/report/server/schemas.ts';
import { testsOf } from '../../../../src/parts/report/summary.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** What Vitest 5.1.1 sent under `run` for two tests with a request each, an empty test and a skipped test. */
const RECORDED = join(import.meta.dirname, 'vitest-5.jsonl');

t.test('a test of Vitest is a test: in the list of runs and in the report', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const intake = new Intake({ store });
  for (const line of readFileSync(RECORDED, 'utf8').trim().split('\n'))
    t.match(await intake.take({ payload: Readable.from([Buffer.from(line)]), encoding: 'json' }), {
      rejected: 0,
    });
  const { runs } = (await get('/api/runs')).body;
  t.match(runs, [{ id: 'recorded', tests: 3, failed: 1 }]);
  const report: RunReport = (await get('/api/report?run=recorded')).body;
  t.match(report, { tests: 3, failed: 1, with_requests: 2, causes: [] });
  t.notOk('changes' in report, 'without a base nothing is compared');
  t.match(report.failing, [
    { test: 'test/orders.test.mjs › orders › pay › fails', message: /expected 1 to be 2/ },
  ]);
  t.same(report.longest.map(({ test }) => test).toSorted(), [
    'test/orders.test.mjs › alone',
    'test/orders.test.mjs › orders › pay › fails',
    'test/orders.test.mjs › orders › pay › twice',
  ]);
  // The recording has a date: what a range up to now holds changes with the day.
  const seconds = (time: string) => Math.floor(Date.parse(time) / 1000);
  const range = `start_time=${seconds(runs[0].first)}&end_time=${seconds(runs[0].last) + 1}`;
  const { services } = (await get(`/api/verify?${range}`)).body;
  const rules = services[0].violations.map(({ rule }: { rule: string }) => rule);
  t.notOk(rules.includes('SPA-001') || rules.includes('SPA-005'), rules.join());
});

t.test('a name of Vitest is bounded, and equal in each run, as a name of node:test is', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const names = [
    'answers 404',
    'reads /var/folders/x1 on port 49152',
    'GET /api/users/:id reads /srv/shop/users.json',
    'order 9b2e4c1a-0000-4000-8000-1234567890ab\n  twice',
    'a '.repeat(100_000),
    '',
  ];
  const [traceId, suite] = [randomId(16), randomId(8)];
  const span = (attributes: Readonly<Record<string, string>>, more: object = {}) => ({
    traceId,
    name: 'vitest.test.runner.run.test',
    attributes,
    resource: { 'tandem.run.id': 'names', cwd: '/srv/shop' },
    ...more,
  });
  await storeSpans(store, [
    span({ 'vitest.suite.name': 'pays 12345' }, { spanId: suite }),
    ...names.map((name) =>
      span({ 'vitest.test.name': name, 'vitest.test.mode': 'run' }, { parentSpanId: suite }),
    ),
  ]);
  const report: RunReport = (await get('/api/report?run=names')).body;
  t.same(
    report.longest.map(({ test }) => test).toSorted(),
    names
      .filter((name) => name !== '')
      .map((name) => `pays … › ${testName(name, '/srv/shop')}`)
      .toSorted(),
  );
});

t.test('a test that two projects of Vitest run is named with its project, and no other one is', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const ofProject = (project: string, path: string) => {
    const [traceId, worker] = [randomId(16), randomId(8)];
    const resource = { 'tandem.run.id': 'projects' };
    const attributes = { 'vitest.test.name': 'pays', 'vitest.test.mode': 'run', 'code.file.path': path };
    return [
      { traceId, spanId: worker, name: 'vitest.worker', attributes: { 'vitest.project': project }, resource },
      { traceId, parentSpanId: worker, name: 'vitest.test.runner.run.test', attributes, resource },
    ];
  };
  await storeSpans(store, [
    ...ofProject('one', 'test/both.test.mjs'),
    ...ofProject('two', 'test/both.test.mjs'),
    ...ofProject('one', 'test/single.test.mjs'),
  ]);
  const report: RunReport = (await get('/api/report?run=projects')).body;
  t.same(report.longest.map(({ test }) => test).toSorted(), [
    'test/both.test.mjs › [one] › pays',
    'test/both.test.mjs › [two] › pays',
    'test/single.test.mjs › pays',
  ]);
});

t.test('time that a runner needs for itself is not a finding', async (t) => {
  const { store, trace } = await temporaryExplorer(t);
  const findingsOf = async (worker: string) => {
    const [traceId, start, run] = [randomId(16), randomId(8), randomId(8)];
    await storeSpans(store, [
      { traceId, spanId: start, name: 'start', kind: 1, start: at(0), end: at(5000) },
      { traceId, spanId: run, parentSpanId: start, name: worker, kind: 1, start: at(0), end: at(4000) },
      { traceId, parentSpanId: run, name: `${worker}.load`, kind: 1, start: at(0), end: at(1500) },
    ]);
    return (await trace(traceId)).findings;
  };
  t.same(await findingsOf('vitest.worker'), []);
  t.ok((await findingsOf('worker')).length > 0, 'of an app it is one');
});

t.test('one test that made a request is said in the singular', async (t) => {
  const counts = { tests: 1, failed: 0, with_requests: 1 } as RunReport;
  t.equal(testsOf(counts), '1 test, 0 failed; 1 made a request');
  t.equal(testsOf({ ...counts, tests: 3, with_requests: 2 }), '3 tests, 0 failed; 2 made requests');
});
