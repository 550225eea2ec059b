import { chmodSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { freePort, ROOT } from '../../../../../../test/helpers/processes.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { serve } from '../../../../../telemetry/test/serve.ts';
import {
  appOf,
  callerEnv,
  nothingWrong,
  REQUIRE,
  runsIn,
  startCommand,
} from '../../../core/command/run-command.ts';

// At night too: with every way in which a command ends.

// Each command is a process, some with an explorer of its own.
t.setTimeout(600_000);
const work = t.testdir({ 'package.json': '{}' });
const { start, startExplorer } = runsIn(work);
const shared = await startExplorer(t);
const TRACED = { OTEL_TRACES_EXPORTER: '' };
/** Asks a server of its own once, then does something. */
const asksThen = (what: string) => `
  const server = require('node:http').createServer((_, response) => response.end()).listen(0, '127.0.0.1', async () => {
    await (await fetch('http://127.0.0.1:' + server.address().port)).text();
    ${what}
  });
`;

t.test("the exit code is the command's where its explorer has ended before it", async (t) => {
  const explorer = await startExplorer(t);
  const wait = `console.log('up'); process.stdin.resume().on('end', () => process.exit(Number(process.argv[1])))`;
  const commands = [0, 7].map((code) => ({
    code,
    ...start(t, ['--', process.execPath, '-e', wait, String(code)], explorer.beside),
  }));
  for (const { said } of commands) await until(() => said.out.includes('up'), { what: () => said.err });
  await explorer.stop();
  for (const { code, child, said, ended } of commands) {
    child.stdin.end();
    t.equal(await ended, code, said.err);
    t.match(
      said.err,
      `\nThe traces could not be counted: No trace explorer answers at http://localhost:${explorer.port}.\n`,
    );
  }
});

t.test(
  'telemetry is compiled once, the command gets no variable for it, and measures its own coverage',
  async (t) => {
    const print = `console.log(process.env.NODE_COMPILE_CACHE, require('node:module').getCompileCacheDir())`;
    for (const [env, expected] of [
      [{}, /^undefined \S*node-compile-cache/],
      [{ NODE_V8_COVERAGE: t.testdirName }, /^undefined undefined/],
    ] as const) {
      const caller = { ...TRACED, NODE_COMPILE_CACHE: undefined, ...env };
      const { said, ended } = start(t, ['--', process.execPath, '-e', print], shared.beside, caller);
      t.equal(await ended, 0, said.err);
      t.match(said.out, expected);
    }
  },
);

t.test('a module that is not found is told as without `run`, with the frames of the app', async (t) => {
  const load = `require('./load.cjs')`;
  const here = t.testdir({
    'package.json': '{}',
    'load.cjs': `module.exports = function load(name) {\n  return require(name);\n};`,
    'throws.cjs': `${load}('no-such-module');`,
    'file.cjs': `${load}('./no-such-file.cjs');`,
    'limited.cjs': `Error.stackTraceLimit = 5; ${load}('no-such-module');`,
    'exports.cjs': `${load}('own/no-such-path');`,
    'caught.cjs': `try { ${load}('no-such-module'); } catch (error) {
      console.error(error, Object.keys(error), Error.stackTraceLimit);
    }`,
    'prepares.cjs': `Error.prepareStackTrace = (error, sites) => 'own form of ' + error; ${load}('no-such-module');`,
    node_modules: { own: { 'package.json': '{"exports":{".":"./index.js"}}' } },
  });
  const files = readdirSync(here).filter((name) => /(?<!load)\.cjs$/.test(name));
  const each = ['sh', '-c', `for file in ${files.join(' ')}; do "${process.execPath}" $file; done`] as const;
  const alone = startCommand(t, each, { cwd: here, env: callerEnv() });
  const run = start(t, ['--', ...each], shared.beside, TRACED, here);
  t.equal(await run.ended, await alone.ended);
  t.equal(alone.said.err.match(/no-such-(?:module|file|path)/g)?.length, files.length);
  t.match(run.said.err, alone.said.err.trim(), "each line, Node's own that throws among them");
});

t.test('a module that an import does not find is told without files of `run`', async (t) => {
  const here = t.testdir({
    'package.json': '{}',
    'static.mjs': `import 'no-such-module';`,
    'file.mjs': `import './no-such-file.mjs';`,
    'dynamic.mjs': `await import('no-such-module').catch((error) => console.error(error));`,
  });
  const each = ['static.mjs', 'file.mjs', 'dynamic.mjs'].map((file) => `"${process.execPath}" ${file}`);
  const run = start(t, ['--', 'sh', '-c', each.join('; ')], shared.beside, TRACED, here);
  await run.ended;
  t.equal(
    run.said.err.match(/Cannot find \w+ '\S*no-such-.* imported from .*\n +at /g)?.length,
    3,
    run.said.err,
  );
  const places = run.said.err.match(/^ +at .*/gm) ?? [];
  t.strictSame(
    places.filter((place) => !/\bnode:/.test(place)),
    [],
  );
});

t.test("the exit code is the command's where nobody reads what `run` says", async (t) => {
  const { child, ended } = start(t, ['--', process.execPath, '-e', 'process.stdin.resume()'], shared.beside);
  child.stderr.destroy();
  child.stdin.end();
  t.equal(await ended, 0);
});

t.test(
  'what a command leaves behind that ends at once is sent, and lies in no folder of the command',
  async (t) => {
    const further = [
      ['process.exit(3)', 3],
      [`Promise.reject(new Error('boom'))`, 1],
    ] as const;
    for (const [end, code] of [[`throw new Error('boom')`, 1], ...(IS_NIGHT ? further : [])] as const) {
      const here = t.testdir({ 'package.json': '{}', 'app.cjs': asksThen(end) });
      const data = join(here, 'data');
      const command = ['--', process.execPath, 'app.cjs'];
      const { said, ended } = start(t, command, [...shared.beside, '--data-dir', data], TRACED, here);
      t.equal(await ended, code, said.err);
      t.match(said.err, /\n1 request/, end);
      t.same(readdirSync(here).toSorted(), ['app.cjs', 'data', 'package.json'], 'no file beside the app');
      const left = readdirSync(join(data, 'run'), { recursive: true, encoding: 'utf8' });
      t.same(
        left.filter((name) => name.includes('.spans')),
        [],
        'nothing waits',
      );
    }
  },
);

t.test('the spans of a process that has ended come while the command runs on', async (t) => {
  const explorer = await startExplorer(t);
  const here = t.testdir({
    'package.json': '{}',
    'app.cjs': asksThen('server.close()'),
    'both.cjs': `
      require('node:child_process').spawnSync(process.execPath, ['app.cjs']);
      console.log('app ended');
      process.stdin.resume();`,
  });
  const options = [...explorer.beside, '--data-dir', join(here, 'data')];
  const { child, said, ended } = start(t, ['--', process.execPath, 'both.cjs'], options, TRACED, here);
  await until(() => said.out.includes('app ended'), { what: () => said.err });
  await until(async () => (await explorer.spans()).length === 2, { what: () => said.err });
  t.equal(child.exitCode, null);
  child.stdin.end();
  t.equal(await ended, 0);
  t.match(said.err, nothingWrong('1 request'));
});

t.test('what an explorer that has gone did not get is sent by the next run', async (t) => {
  const explorer = await startExplorer(t);
  const here = t.testdir({
    'package.json': '{}',
    'app.cjs': `process.stdin.resume().on('end', () => { ${asksThen('process.exit(0)')} }); console.log('up');`,
  });
  const first = start(
    t,
    ['--', process.execPath, 'app.cjs'],
    [...explorer.beside, '--data-dir', join(here, 'data')],
    TRACED,
    here,
  );
  await until(() => first.said.out.includes('up'), { what: () => first.said.err });
  await explorer.stop();
  first.child.stdin.end();
  t.equal(await first.ended, 0);
  t.match(first.said.err, /\n1 file of spans could not be sent \(.*\)\. The next run sends the files in /);
  const next = await startExplorer(t);
  const second = start(t, ['true'], [...next.beside, '--data-dir', join(here, 'data')], TRACED);
  t.equal(await second.ended, 0, second.said.err);
  t.same((await next.spans()).map(({ kind }) => kind).toSorted(), [2, 3]);
});

const ENDS = [
  `throw new TypeError('boom')`,
  ...(IS_NIGHT ? [`Promise.reject(new Error('boom'))`, `throw 'a text'`] : []),
];

t.test(
  "a key of Honeycomb's in the shell, or in a file of the app, sends nothing abroad unless asked",
  async (t) => {
    const asked: string[] = [];
    const honeycomb = createServer(({ url = '', headers }, response) => {
      asked.push(`${url} ${headers['x-honeycomb-team']}`);
      response.end();
    });
    const HONEYCOMB_API_ENDPOINT = `http://127.0.0.1:${await serve(t, honeycomb)}`;
    const key = 'hcaik_'.padEnd(64, 'a');
    const here = t.testdir({
      'package.json': '{}',
      data: {},
      '.env': `HONEYCOMB_API_KEY=${key}\n`,
      'app.cjs': asksThen('console.log(process.env.HONEYCOMB_API_KEY); server.close()'),
    });
    const data = join(here, 'data');
    const run = async (
      options: readonly string[],
      args: readonly string[],
      env: object,
      beside: readonly string[] = shared.beside,
    ) => {
      const command = ['--', process.execPath, ...args, 'app.cjs'];
      const all = [...beside, '--data-dir', data, ...options];
      const { said, ended } = start(t, command, all, { ...TRACED, HONEYCOMB_API_ENDPOINT, ...env }, here);
      t.equal(await ended, 0, said.err);
      t.equal(said.out, `${key}\n`, "the key stays the app's");
      t.match(said.err, nothingWrong('1 request'));
      t.notMatch(said.err, key);
      return said.err.match(/HONEYCOMB_API_KEY is set/g)?.length ?? 0;
    };
    t.equal(await run([], [], { HONEYCOMB_API_KEY: key }), 1, 'one line');
    t.equal(await run([], ['--env-file=.env'], {}), 1, 'one line');
    t.same(asked, []);
    const left = readdirSync(data, { recursive: true, encoding: 'utf8' });
    t.same(
      left.filter((name) => name.includes('.spans')),
      [],
      'no file waits for Honeycomb',
    );
    const own = ['--port', String(await freePort()), '--otlp-port', String(await freePort())];
    t.equal(await run(['--honeycomb'], ['--env-file=.env'], { HONEYCOMB_API_KEY: key }, own), 0);
    t.ok(asked.includes(`/v1/traces ${key}`), 'the explorer has sent on');
    const running = start(
      t,
      ['--', 'true'],
      [...shared.beside, '--honeycomb'],
      { ...TRACED, HONEYCOMB_API_KEY: key },
      here,
    );
    t.equal(await running.ended, 1);
    t.match(
      running.said.err,
      /^The explorer at .* does not send traces on\. Start it with EXPLORER_FORWARD=honeycomb/,
    );
    // Those of the explorer that runs are taken.
    for (const option of ['--port', '--otlp-port', '--data-dir'])
      t.match(running.said.err, option, 'says what another explorer needs');
  },
);

t.test('a command says on its streams what it says without `run`', async (t) => {
  for (const end of ENDS) {
    const here = t.testdir({ 'package.json': '{}', 'app.cjs': asksThen(end) });
    const command = [process.execPath, join(here, 'app.cjs')] as const;
    const alone = startCommand(t, command, { cwd: here, env: callerEnv() });
    t.equal(await alone.ended, 1);
    const { said, ended } = start(t, command, shared.beside, TRACED, here);
    t.equal(await ended, 1);
    t.equal(said.out, alone.said.out);
    // Lines of Node's own code differ: with tracing more of it runs.
    const lines = (text: string) =>
      text
        .split('\n')
        .filter((line) => !/^ +at |^(?:Tracing|Node|node ended|1 |Show| {2}(?:GET|All))/.test(line));
    t.same(lines(said.err), lines(alone.said.err), end);
  }
});

t.test('options behind the command are its own, also without --', async (t) => {
  const { said, ended } = start(
    t,
    [process.execPath, '--no-warnings', '-p', '1 + 1'],
    [...shared.beside, '--name', 'a'],
  );
  t.equal(await ended, 0, said.err);
  t.equal(said.out, '2\n');
});

t.test('commands that begin at once share one explorer, whatever page each of them names', async (t) => {
  const folder = ['--data-dir', join(work, 'one-folder'), '--otlp-port', '0'];
  const script = `console.log('up'); process.stdin.resume().on('end', () => process.exit(5))`;
  const [one, other] = [await freePort(), await freePort()];
  const commands = [one, one, other].map((port) =>
    start(t, ['--', process.execPath, '-e', script], ['--port', String(port), ...folder]),
  );
  for (const { said } of commands)
    await until(() => said.out.includes('up'), { what: () => said.err, limitMs: 60_000 });
  const pages = commands.map(({ said }) => /^Tracing .* Page: (\S+)$/m.exec(said.err)?.[1]);
  t.equal(new Set(pages).size, 1, pages.join());
  for (const { child } of commands) child.stdin.end();
  for (const { said, ended } of commands) t.equal(await ended, 5, said.err);
});

t.test('an explorer that cannot start says so with the flags of `run`', async (t) => {
  const status = await fetch(`http://localhost:${shared.port}/api/status`);
  const { otlp_endpoint } = (await status.json()) as { otlp_endpoint: string };
  const { port } = new URL(otlp_endpoint);
  const folder = t.testdir({ file: '' });
  for (const [options, words] of [
    [['--port', '0', '--otlp-port', port], /OTLP_PORT|--otlp-port/],
    [['--data-dir', join(folder, 'file')], /--data-dir/],
  ] as const) {
    const { said, ended } = start(t, ['true'], options);
    t.equal(await ended, 1);
    t.match(said.err, words);
    t.notMatch(said.err, /DATA_DIR|\bPORT\b/);
  }
});

t.test('traces of others are not counted, those of nobody are named as such', async (t) => {
  const here = t.testdir({ 'app.cjs': appOf('const work = async () => {};', REQUIRE) });
  const wait = `console.log('up'); process.stdin.resume()`;
  const idle = start(t, ['--', process.execPath, '-e', wait], [...shared.beside, '--name', 'a'], TRACED);
  await until(() => idle.said.out.includes('up'), { what: () => idle.said.err });
  const app = [process.execPath, join(here, 'app.cjs')];
  const busy = start(t, app, [...shared.beside, '--name', 'a'], TRACED);
  t.equal(await busy.ended, 0, busy.said.err);
  t.match(busy.said.err, nothingWrong('1 request'));
  idle.child.stdin.end();
  t.equal(await idle.ended, 0);
  t.match(idle.said.err, /\nNo request reached or left node\./);
  const unmarked = start(t, ['env', '-u', 'OTEL_RESOURCE_ATTRIBUTES', ...app], shared.beside, TRACED);
  t.equal(await unmarked.ended, 0);
  t.match(
    unmarked.said.err,
    /\n1 trace arrived meanwhile, 0 with errors. They do not name the command that sent them, /,
  );
});

t.test('`node tandem run` leaves PATH, Node, folder and options of the command as they were', async (t) => {
  const here = t.testdir({
    'first.cjs': `globalThis.first = true;`,
    bin: { node: `#!/bin/sh\nOWN_NODE=yes exec "${process.execPath}" "$@"\n` },
  });
  chmodSync(join(here, 'bin/node'), 0o755);
  const PATH = `${join(here, 'bin')}:/usr/bin:/bin`;
  const script = `const { PATH, OWN_NODE, TANDEM, INIT_CWD } = process.env;
    console.log(JSON.stringify({ PATH, OWN_NODE, TANDEM, INIT_CWD, cwd: process.cwd(), first: globalThis.first }))`;
  const ports = ['--port', '0', '--otlp-port', '0', '--data-dir', join(here, 'data')];
  const { said, ended } = startCommand(
    t,
    [process.execPath, join(ROOT, 'tandem.js'), 'run', ...ports, 'node', '-e', script],
    { cwd: here, env: { ...callerEnv(), PATH, NODE_OPTIONS: '--require ./first.cjs' } },
  );
  t.equal(await ended, 0, said.err);
  t.same(JSON.parse(said.out), { PATH, OWN_NODE: 'yes', cwd: here, first: true });
});

t.test('a process that cannot be traced runs, and is named', async (t) => {
  const here = t.testdir({
    'old.cjs': `Object.defineProperty(process.versions, 'node', { value: '20.19.5' });`,
    'app.cjs': asksThen('process.exit(0)'),
  });
  // The version is all that the preload reads of an older Node.
  const { said, ended } = start(
    t,
    [
      'env',
      `NODE_OPTIONS=--require ${join(here, 'old.cjs')} --require ${join(import.meta.dirname, '../../../../src/parts/run/command/preload.cjs')}`,
      process.execPath,
      join(here, 'app.cjs'),
    ],
    shared.beside,
    TRACED,
  );
  t.equal(await ended, 0, said.err);
  t.match(said.err, '\napp.cjs was not traced: it runs on Node 20.19.5, and tracing needs 22.15 or newer.\n');
  t.notMatch(said.err, /traces|above/);
});

t.test(
  'a Node that does not run the TypeScript of a clone without a build is named as the reason',
  async (t) => {
    const here = t.testdir({ 'app.cjs': asksThen('process.exit(0)') });
    const without = process.allowedNodeEnvironmentFlags.has('--no-strip-types')
      ? '--no-strip-types'
      : '--no-experimental-strip-types';
    const source = join(import.meta.dirname, '../../../../src/main.ts');
    const env = { ...callerEnv(), ...TRACED };
    const app = [process.execPath, without, join(here, 'app.cjs')];
    const { said, ended } = startCommand(t, [process.execPath, source, 'run', ...shared.beside, ...app], {
      cwd: work,
      env,
    });
    t.equal(await ended, 0, said.err);
    t.match(
      said.err,
      /\napp\.cjs was not traced: it runs on Node \S+, which does not run the TypeScript of a clone here; .*\n/,
    );
  },
);
