import { join } from 'node:path';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { appOf, REQUIRE, runsIn } from '../../../core/command/run-command.ts';

// Each command is a process.
t.setTimeout(300_000);
const { start, startExplorer } = runsIn(t.testdir({ 'package.json': '{}' }));
const { beside } = await startExplorer(t);

/** Ends with its input. */
const APP = `process.stdin.resume();`;
const SPAWN = `
  const { spawn } = require('node:child_process');
  spawn(process.execPath, ['app.cjs'], { stdio: 'inherit', env: {} });
`;
const NODE = process.execPath;
const OPTIONS = /^app\.cjs was not traced: .*NODE_OPTIONS/m;
const ENVIRONMENT = /^app\.cjs was not traced: .*environment/m;

for (const [how, command, reason] of [
  [
    'options of its own',
    ['sh', '-c', `NODE_OPTIONS=--max-old-space-size=512 "${NODE}" app.cjs`],
    /^app\.cjs was not traced: .*NODE_OPTIONS="\$NODE_OPTIONS --max-old-space-size=512" there\.$/m,
  ],
  ['no options', ['sh', '-c', `unset NODE_OPTIONS; exec "${NODE}" --no-warnings app.cjs`], OPTIONS],
  ['no environment', ['env', '-i', NODE, '-r', './first.cjs', 'app.cjs'], ENVIRONMENT],
  ['an empty environment by its parent', [NODE, 'spawn.cjs'], ENVIRONMENT],
] as const)
  t.test(`run names the process that starts with ${how}, and says nothing of it that is false`, async (t) => {
    const here = t.testdir({ 'app.cjs': APP, 'first.cjs': '', 'spawn.cjs': SPAWN });
    const { child, said, ended } = start(t, ['--', ...command], beside, { OTEL_TRACES_EXPORTER: '' }, here);
    await until(() => reason.test(said.err));
    child.stdin.end();
    t.equal(await ended, 0, said.err);
    t.equal(said.err.match(/was not traced/g)?.length, 1, 'once');
    t.notMatch(said.err, /No Node app|Send one while it runs/);
  });

t.test('run names --permission where it keeps telemetry from writing, and nowhere else', async (t) => {
  const app = `require('node:http').createServer((q, r) => r.end()).listen(0, function () {
    const end = () => setTimeout(() => this.close(), 2000); // so that it is looked at on a busy machine
    fetch('http://localhost:' + this.address().port).then(end, end);
  });`;
  const here = t.testdir({ 'app.cjs': app });
  const net = process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : [];
  const allowed = ['--permission', '--allow-fs-read=*', ...net];
  const named = /^app\.cjs ran with --permission, .*--allow-fs-write=\* /m;
  for (const command of [
    [NODE, ...allowed, 'app.cjs'],
    ['sh', '-c', `"${NODE}" ${allowed.map((each) => `'${each}'`).join(' ')} app.cjs; true`],
  ]) {
    const { said, ended } = start(t, ['--', ...command], beside, { OTEL_TRACES_EXPORTER: '' }, here);
    t.equal(await ended, 0, said.err);
    t.match(said.err, named);
    t.notMatch(said.err, /No app of Node|No request reached/);
  }
  const { said, ended } = start(
    t,
    ['--', NODE, ...allowed, '--allow-fs-write=*', 'app.cjs'],
    beside,
    { OTEL_TRACES_EXPORTER: '' },
    here,
  );
  t.equal(await ended, 0, said.err);
  t.notMatch(said.err, '--permission, so');
  t.match(said.err, /\b1 request\b/); // of which a busy machine says how long it waited for a processor
});

t.test('a process that gave itself a title is named by it', async (t) => {
  const app = `process.title = 'price-watcher'; process.stdin.resume();`;
  const here = t.testdir({ 'app.cjs': app });
  const command = ['sh', '-c', `unset NODE_OPTIONS; exec "${NODE}" app.cjs`];
  const { child, said, ended } = start(t, ['--', ...command], beside, { OTEL_TRACES_EXPORTER: '' }, here);
  await until(() => /^(?:price-watcher|app\.cjs) was not traced: /m.test(said.err));
  child.stdin.end();
  t.equal(await ended, 0, said.err);
  t.notMatch(said.err, /^node was not traced/m);
});

t.test('a helper that a package starts for itself, without options, is no process of the app', async (t) => {
  const helper = join('node_modules', 'tool', 'helper.cjs');
  const here = t.testdir({
    node_modules: { tool: { 'helper.cjs': `process.stdin.resume();` } },
    'tool.cjs': `
      const { spawn } = require('node:child_process');
      const { NODE_OPTIONS: _, ...env } = process.env;
      spawn(process.execPath, [require.resolve('./${helper}')], { stdio: 'inherit', env });
      setTimeout(() => process.stdout.write('was looked at'), 2000);
    `,
  });
  const { child, said, ended } = start(
    t,
    ['--', NODE, 'tool.cjs'],
    beside,
    { OTEL_TRACES_EXPORTER: '' },
    here,
  );
  await until(() => said.out.includes('was looked at'));
  child.stdin.end();
  t.equal(await ended, 0, said.err);
  t.notMatch(said.err, 'was not traced');
});

t.test('a process that has the options of run beside its own is reached', async (t) => {
  const here = t.testdir({ 'app.cjs': APP });
  const script = `NODE_OPTIONS="--no-warnings $NODE_OPTIONS" "${NODE}" ${join(here, 'app.cjs')}; true`;
  const { child, said, ended } = start(t, ['--', 'sh', '-c', script], beside, { OTEL_TRACES_EXPORTER: '' });
  child.stdin.end();
  t.equal(await ended, 0, said.err);
  t.match(said.err, 'No request reached or left app.cjs.');
});

t.test('a service name that an app sets after its start, as dotenv does, has a line', async (t) => {
  const app = appOf('const work = async () => {};', REQUIRE);
  const here = t.testdir({ 'late.cjs': `process.env.OTEL_SERVICE_NAME ??= 'orders'; ${app}` });
  const command = ['--', process.execPath, join(here, 'late.cjs')];
  const late = start(t, command, beside, { OTEL_TRACES_EXPORTER: '' });
  t.equal(await late.ended, 0, late.said.err);
  t.match(
    late.said.err,
    /\nlate\.cjs got OTEL_SERVICE_NAME=orders after its start, .*--env-file=\.env\.\n.*1 request/,
  );
  const named = start(t, command, beside, { OTEL_TRACES_EXPORTER: '', OTEL_SERVICE_NAME: 'orders' });
  t.equal(await named.ended, 0, named.said.err);
  t.notMatch(named.said.err, /OTEL_SERVICE_NAME/);
});
