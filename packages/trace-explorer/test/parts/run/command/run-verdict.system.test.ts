import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { callerEnv, nothingWrong, runsIn, startCommand } from '../../../core/command/run-command.ts';

// At night too: `--live` with an explorer of its own.

// Each command is a process.
t.setTimeout(600_000);
const FASTIFY = realpathSync(dirname(fileURLToPath(import.meta.resolve('fastify'))));

/** A shop: a loop over `fetch`, and an order that fails. It asks itself what it is told on standard input, and ends with it. */
const SHOP = `
  const app = require('fastify')();
  app.get('/users/:id', async ({ params }) => ({ id: params.id }));
  app.get('/orders', async () => {
    const url = 'http://127.0.0.1:' + app.server.address().port;
    for (let id = 0; id < 12; id++) await (await fetch(url + '/users/' + id)).text();
    console.log('12 users');
    return [];
  });
  app.post('/orders', async ({ body }) => body.items[0].sku);
  app.listen({ port: 0 }).then(async (url) => {
    const json = { 'content-type': 'application/json' };
    const asks = {
      orders: () => fetch(url + '/orders'),
      good: () => fetch(url + '/orders', { method: 'POST', headers: json, body: '{"items":[{"sku":"a"}]}' }),
      bad: () => fetch(url + '/orders', { method: 'POST', headers: json, body: '{"items":[]}' }),
      none: () => fetch(url + '/none'),
    };
    console.log('up');
    for await (const line of require('node:readline').createInterface({ input: process.stdin })) {
      for (const ask of line.split(' ')) await (await asks[ask]()).text();
      console.log('asked', line);
    }
    await app.close();
  });
`;

const work = t.testdir({
  'package.json': '{"name":"shop"}',
  'shop.cjs': SHOP,
  node_modules: { fastify: t.fixture('symlink', FASTIFY) },
});
const { start, startExplorer } = runsIn(work);
const { port, beside } = await startExplorer(t);
const HOME = { OTEL_TRACES_EXPORTER: '', OTEL_LOGS_EXPORTER: '', XDG_DATA_HOME: join(work, 'home') };

/** Runs the shop, which asks itself. */
async function shop(asks: readonly string[], options: readonly string[] = beside, env: object = {}) {
  const run = start(t, ['--', process.execPath, 'shop.cjs'], options, { ...HOME, ...env });
  for (const ask of asks) run.child.stdin.write(`${ask}\n`);
  run.child.stdin.end();
  const code = await run.ended;
  return { code, ...run.said };
}

t.test('the last lines say what is wrong, the worst first, and where to look', async (t) => {
  // On a busy machine the calls take seconds, which weigh as much as failed requests.
  const { code, err } = await shop(['orders orders bad bad bad bad bad bad good']);
  t.equal(code, 0, err);
  const lines = err
    .slice(err.search(/^\d problems? in/m))
    .trimEnd()
    .split('\n')
    .filter((line) => !/waited for a processor|^ {2}(?:POST \/orders|GET \/users\/:id) +\d/.test(line)); // on a busy machine, or not
  const expected = [
    /^2 problems in 33 requests$/,
    /^ {2}[✗x] POST \/orders fails: TypeError: Cannot read properties of undefined \(reading 'sku'\)$/,
    /^ {6}.*6 of 7 requests$/,
    /^ {2}! GET \/users\/:id was called 12 times in a row by GET \/orders; one call for all would save up to .* m?s$/,
    /^ {6}.*each request \S Make one call for all of them\.$/,
    /^ {2}Slowest routes +requests +median +(?:P95 +)?slowest$/,
    /^ {2}GET \/orders +2 /,
    new RegExp(`^Show this run: http://localhost:${port}/\\?run=[\\w-]{36}$`),
  ];
  t.match(lines, expected);
  t.equal(lines.length, expected.length, err);
  t.notMatch(lines.join('\n'), / of shop/, 'the one service has no name');
});

t.test('a run says what is new and what is gone since the last one of the same command', async (t) => {
  await shop(['good bad bad bad']);
  const other = await shop(['orders']);
  t.notMatch(other.err, /gone/i, 'it did not ask for it');
  await shop(['bad bad bad']);
  const mended = await shop(['good good good orders']);
  t.match(mended.err, /1 gone since the last run\n/);
  t.match(mended.err, /\n {2}Gone: POST \/orders fails: TypeError/);
  const broken = await shop(['good bad']);
  t.match(broken.err, /1 problem in 2 requests {2,}1 new since the last run\n/);
  t.match(broken.err, 'none of 3 in the last run');
  const elsewhere = start(t, ['--', process.execPath, '--no-warnings', 'shop.cjs'], beside, HOME);
  elsewhere.child.stdin.end('good bad\n');
  await elsewhere.ended;
  t.notMatch(elsewhere.said.err, /since the last run/, 'another command');
});

t.test(
  '--json writes the same, and GitHub gets warnings; standard output is the own of the command',
  async (t) => {
    const file = join(work, 'verdict.json');
    const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: work };
    const { out, err } = await shop(['bad', 'none'], [...beside, '--json', file], env);
    t.equal(out, 'up\nasked bad\nasked none\n');
    const facts = JSON.parse(readFileSync(file, 'utf8'));
    t.match(facts, {
      run: /^[\w-]{36}$/,
      program: 'node',
      exit_code: 0,
      requests: 2,
      refused: 1,
      refused_with: '404',
      causes: [{ failure: true, sentence: /^POST \/orders fails: TypeError/, seen: 1, of: 1 }],
      show: new RegExp(`^http://localhost:${port}/\\?run=`),
    });
    const warned = err.match(/^::warning .*$/gm) ?? [];
    t.same(warned.length, facts.causes.filter((cause: { file?: string }) => cause.file).length);
    for (const warning of warned)
      t.match(warning, /^::warning file=shop\.cjs,line=\d+::POST \/orders fails: TypeError/);
  },
);

t.test('an explorer that ends with the run is not linked: a command shows its folder', async (t) => {
  const { err } = await shop(['good'], ['--data-dir', join(work, "Ada's data")]);
  t.match(err, nothingWrong('1 request'));
  t.match(err, /\nShow this run: node \S+ --open\n$/);
});

t.test('of a command that fails the exit code is told first, and nothing is called right', async (t) => {
  const script = `fetch('http://127.0.0.1:65533/x').catch(() => { throw new Error('own') })`;
  const { ended, said } = start(t, ['--', process.execPath, '-e', script], beside, HOME);
  t.equal(await ended, 1);
  t.match(
    said.err,
    /\nnode ended with exit code 1: .*\n1 call to 127\.0\.0\.1:65533 in \S+ \S+, 1 call failed: GET 127\.0\.0\.1:65533\/x, \w+/,
  );
  t.match(said.err, '\nNo request came in, so there is nothing to compare.\n');
  t.notMatch(said.err, /nothing wrong/i);
});

t.test('--live says a problem once while the command runs, in each run of a folder', async (t) => {
  const options = ['--live', ...beside];
  for (const each of [options, IS_NIGHT ? ['--live'] : options]) await saysLive(t, each);
});

async function saysLive(t: Test, options: readonly string[]) {
  const { child, said, ended } = start(t, ['--', process.execPath, 'shop.cjs'], options, HOME);
  child.stdin.write('bad good\n');
  const live = () =>
    said.err.match(/^x POST \/orders fails: TypeError.* {3}http:\S+\/trace\/\w{32}$/gm) ?? [];
  await until(() => live().length > 0, { what: () => said.err, limitMs: 60_000 });
  child.stdin.end('bad\n');
  t.equal(await ended, 0);
  t.equal(live().length, 1);
}

t.test('nothing is said live without a terminal, and of tests', async (t) => {
  const quiet = await shop(['bad']);
  t.equal(quiet.err.match(/POST \/orders fails/g)?.length, 1, 'at the end alone');
  const test = `const http = require('node:http');
    const { test } = require('node:test');
    test('asks', async () => {
      const server = http.createServer((_, response) => { response.statusCode = 500; response.end(); });
      await new Promise((ready) => server.listen(0, ready));
      await fetch('http://127.0.0.1:' + server.address().port);
      await new Promise((ready) => setTimeout(ready, 6000));
      server.close();
    });`;
  const here = t.testdir({ 'a.test.cjs': test });
  const run = start(t, ['--', process.execPath, '--test', 'a.test.cjs'], ['--live', ...beside], HOME, here);
  await run.ended;
  t.notMatch(run.said.err, ' /trace/');
  t.notMatch(run.said.err, 'No request yet');
});

t.test(
  'what the app prints is in the trace, unless TRACE_CONSOLE=false, and on its streams as before',
  async (t) => {
    const alone = startCommand(t, [process.execPath, 'shop.cjs'], { cwd: work, env: callerEnv() });
    alone.child.stdin.end('orders\n');
    await alone.ended;
    for (const [env, count] of [
      [{}, 1],
      [{ TRACE_CONSOLE: 'false' }, 0],
    ] as const) {
      const { out, err } = await shop(['orders'], beside, env);
      t.equal(out, alone.said.out);
      const [, run = ''] = /\?run=(\S+)/.exec(err) ?? [];
      const logs = `http://localhost:${port}/api/logs?field=tandem.run.id%3D${run}`;
      const told = async () => ((await (await fetch(logs)).json()) as { logs: { body: string }[] }).logs;
      const lines = (await told()).filter(({ body }) => body === '12 users');
      t.equal(lines.length, count, JSON.stringify(lines));
      if (count > 0) t.match(lines, [{ trace_id: /^\w{32}$/, severity_text: 'INFO' }]);
    }
  },
);
