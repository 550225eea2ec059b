import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import type { FlakyTest } from '../../../../src/parts/report/server/flaky/schemas.ts';
import { command } from '../../../core/command/planted.ts';
import { runCli } from '../../../core/command/run-cli.ts';
import { runsIn } from '../../../core/command/run-command.ts';

// Each command is a process.
t.setTimeout(300_000);

/** A test that fails in each run whose number stands in FAILING, after a statement that no other run has. */
const TEST = `
  import { readFileSync, writeFileSync } from 'node:fs';
  import { createServer } from 'node:http';
  import { after, before, test } from 'node:test';
  import { DatabaseSync } from 'node:sqlite';
  import assert from 'node:assert';
  const file = new URL('./runs.txt', import.meta.url);
  const nth = Number(readFileSync(file, 'utf8')) + 1;
  writeFileSync(file, String(nth));
  const fails = process.env.FAILING.split(',').includes(String(nth));
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE stock (id INTEGER)');
  const server = createServer((request, response) => {
    if (fails && request.url === '/cart') db.prepare('SELECT id FROM stock WHERE id = ?').all(1);
    response.end('{}');
  });
  const url = () => 'http://127.0.0.1:' + server.address().port + '/cart';
  before(() => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)));
  after(() => server.close());
  test('pays', async () => {
    await (await fetch(url())).text();
    assert.ok(!fails, 'the cart is not paid');
  });
  test('lists', async () => {
    await (await fetch(url())).text();
  });
  if (process.env.WAITS === String(nth)) test('waits', () => new Promise((resolve) => setTimeout(resolve, 60_000)));
`;

/** A runner that tells attempts: as Jest's spans are under run, without Jest. */
const RUNNER = `
  const id = (bytes) => require('node:crypto').randomBytes(bytes).toString('hex');
  const given = process.env.OTEL_RESOURCE_ATTRIBUTES.split(',').map((each) => each.split('='));
  const attributes = (of) => Object.entries(of).map(([key, value]) => ({ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }));
  const now = BigInt(Date.now()) * 1000000n;
  const attempt = (name, nth, status) => {
    const [traceId, spanId, call] = [id(16), id(8), id(8)];
    const start = now + BigInt(nth) * 1000000000n;
    const times = (from, ms) => ({ startTimeUnixNano: String(start + BigInt(from) * 1000000n), endTimeUnixNano: String(start + BigInt(from + ms) * 1000000n) });
    const failed = status >= 500;
    return [
      { traceId, spanId, name: 'cart.test.js › ' + name, kind: 1, ...times(0, 100), attributes: attributes({ 'code.file.path': 'test/cart.test.js', 'code.line.number': 31, 'test.case.name': name, 'test.suite.name': 'cart.test.js', 'test.case.result.status': failed ? 'fail' : 'pass', 'tandem.test.runner': 'jest', 'tandem.test.attempt': nth }),
        ...(failed && { status: { code: 2, message: 'expected 503 to be 200' } }) },
      { traceId, spanId: call, parentSpanId: spanId, name: 'GET', kind: 3, ...times(5, 10), attributes: attributes({ 'http.response.status_code': status, 'url.full': 'http://127.0.0.1:4001/pay' }) },
      { traceId, spanId: id(8), parentSpanId: call, name: 'GET /pay', kind: 2, ...times(6, 8), attributes: attributes({ 'http.response.status_code': status, 'http.route': '/pay' }) },
    ];
  };
  const spans = [...attempt('pays', 0, 503), ...attempt('pays', 1, 200), ...attempt('lists', 0, 200)];
  const resource = { attributes: attributes(Object.fromEntries([['service.name', 'shop'], ...given.map(([key, value]) => [key, decodeURIComponent(value)])])) };
  fetch(process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }) });
`;

const work = t.testdir({
  'package.json': '{"name":"shop"}',
  'cart.test.mjs': TEST,
  'runs.txt': '0',
  'runner.cjs': RUNNER,
  test: { 'cart.test.js': '' },
});
const { start, startExplorer } = runsIn(work);
const HOME = { OTEL_TRACES_EXPORTER: 'otlp', XDG_DATA_HOME: join(work, 'home'), NO_COLOR: '1' };

t.test('a test that failed and then passed has its line, and a warning in GitHub Actions', async (t) => {
  const [file, json] = [join(work, 'run.gz'), join(work, 'run.json')];
  const { ended, said } = start(
    t,
    ['--save', file, '--json', json, '--', process.execPath, 'runner.cjs'],
    [],
    { ...HOME, LANG: 'C.UTF-8' },
  );
  t.equal(await ended, 0, said.err);
  t.match(said.err, /^2 tests passed, 1 of them flaky; /m);
  t.match(
    said.err,
    /^ {2}~ test\/cart\.test\.js › pays: failed, then passed\n {6}GET \/pay answered 503, then 200\n {6}test\/cart\.test\.js:31$/m,
  );
  const facts = JSON.parse(readFileSync(json, 'utf8'));
  t.match(facts, { tests: { passed: 2, failed: 0, flaky: 1 }, flaky: [{ line: 31, failed: 1 }] });
  const flaky: FlakyTest[] = facts.flaky;
  t.equal(flaky.length, 1);
  const summary = join(work, 'summary.md');
  const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: work, GITHUB_STEP_SUMMARY: summary };
  const { code, out, err: error } = await command(t, work, ['report', file], env);
  t.equal(code, 0, error);
  t.match(out, /2 tests, 0 failed, 1 flaky/);
  t.match(out, /### Flaky\n\n- .*pays: GET \/pay answered 503, then 200 · .*31 · expected 503 to be 200/);
  t.equal(
    error,
    '::warning file=test/cart.test.js,line=31::test/cart.test.js › pays is flaky: GET /pay answered 503, then 200\n',
  );
  const written = readFileSync(summary, 'utf8');
  t.match(written, '### Flaky');
  // The gate reads the run a second time in its job, which has the summary and the warnings by then.
  const gate = ['report', file, '--fail-on', 'unknown-causes'];
  t.match(await command(t, work, gate, { ...env, GITHUB_STEP_SUMMARY: '' }), { code: 0, err: '' });
  t.equal(readFileSync(summary, 'utf8'), written);
});

t.test('a command runs several times in one explorer, and says what all failed runs have', async (t) => {
  writeFileSync(join(work, 'runs.txt'), '0');
  const { port, beside } = await startExplorer(t);
  const json = join(work, 'times.json');
  const test = [
    '--name',
    'c0ffee',
    '--times',
    '6',
    '--json',
    json,
    ...beside,
    '--',
    process.execPath,
    '--test',
  ];
  const { ended, said } = start(t, [...test, 'cart.test.mjs'], [], { ...HOME, FAILING: '2,4,5' });
  t.equal(await ended, 1, said.err);
  const ids = Array.from(said.err.matchAll(/^Run \d of 6: ([\w-]{36})$/gm), ([, id]) => id);
  t.equal(new Set(ids).size, 6, said.err);
  t.match(said.err, /^Run 1 of 6 ended with exit code 0, 2 tests passed\.$/m);
  t.match(said.err, /^Run 2 of 6 ended with exit code 1, 1 test passed, 1 failed\.$/m);
  t.match(said.err, /^3 of 6 runs passed, 3 failed; the outcome of 1 test differs\.$/m);
  t.match(
    said.err,
    /pays: failed in 3 of 6 runs: SELECT stock was called in all 3 runs that failed, in none of the 3 that passed$/m,
  );
  t.equal(said.out.match(/# pass|ℹ pass/g)?.length, 6, 'the output is that of each run');
  const facts = JSON.parse(readFileSync(json, 'utf8'));
  t.match(facts, { compared: { unsteady: [{ failed: 3, passed: 3 }], missing: [] } });
  t.equal(facts.runs.length, 6);
  const asked = (...more: readonly string[]) =>
    runCli('report', ['c0ffee', '--url', `http://localhost:${port}`, ...more]);
  const { out, error, code } = await asked('--runs', '6');
  t.equal(code, 0, error);
  t.match(out, /## 6 runs of 2 tests[\s\S]*SELECT stock was called in all 3 runs/);
  t.match(
    (await asked('--runs', '2')).out,
    /pays: not enough runs to say.: 1 of 2 failed; in one of each.: SELECT stock/,
  );
  t.match((await asked('--runs', '1')).error, /--runs takes a number from 2 to 100, not "1"/);
  t.match((await asked('--runs', '6', '--base', 'main')).error, /--runs takes neither/);
});

t.test('Ctrl+C ends all runs, and says what there is', async (t) => {
  writeFileSync(join(work, 'runs.txt'), '0');
  const nine = ['--times', '9', '--', process.execPath, '--test', 'cart.test.mjs'];
  const { child, ended, said } = start(t, nine, [], { ...HOME, FAILING: '2', WAITS: '3' });
  // The file has begun when it has counted its run.
  await until(() => readFileSync(join(work, 'runs.txt'), 'utf8') === '3');
  child.kill('SIGINT');
  t.equal(await ended, 1, said.err);
  t.notMatch(said.err, 'Run 4 of 9');
  t.match(said.err, /^Stopped after 2 whole runs of 9\.$/m);
  t.match(
    said.err,
    /pays: not enough runs to say: 1 of 2 failed; in one of each: SELECT stock: 1 call, then 0/,
  );
});

t.test('what --times cannot do is said', async (t) => {
  for (const [args, what] of [
    [['--times', '1'], '--times takes a number from 2 to 100, not "1"'],
    [['--times', 'x'], 'not "x"'],
    [['--times', '3', '--save', 'x.gz'], '--save keeps one run'],
  ] as const) {
    const { code, error } = await runCli('run', [...args, '--', 'true']);
    t.equal(code, 1);
    t.match(error, what);
  }
});
