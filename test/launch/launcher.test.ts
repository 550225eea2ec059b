import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { OWN_NODE } from '../../scripts/launcher/own-node.js';
import { nodeBinary } from '../helpers/npm.ts';
import { ROOT } from '../helpers/processes.ts';

const EXPLORER = 'packages/trace-explorer/start.js';
/** What the launcher reads before anything is installed. */
const LAUNCHER = [
  'tandem.js',
  'tandem.json',
  'scripts/launcher',
  'packages/own-node/package.json',
  ...['run', 'trace'].map((part) => `packages/trace-explorer/src/parts/${part}/commands.json`),
];
const TOLD =
  "console.log(JSON.stringify({ cwd: process.cwd(), args: process.argv.slice(2), flags: process.execArgv, node: process.env.NODE_OF ?? 'caller' }))";

/** A workspace whose commands tell where and how they run, and a folder in it. */
function workspace(t: Test) {
  const root = realpathSync(t.testdir({ elsewhere: { 'file.gz': '' } }));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const file of LAUNCHER) cpSync(join(ROOT, file), join(root, file), { recursive: true });
  write('pnpm-lock.yaml', '');
  write('node_modules/.pnpm/lock.yaml', '');
  for (const name of ['doctor', 'load', 'test', 'lib/with-dot-env']) write(`scripts/${name}.ts`, '');
  for (const path of [EXPLORER, 'scripts/doctor.ts', 'scripts/load.ts', 'scripts/test.ts']) write(path, TOLD);
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'));
  const own = relative(ROOT, OWN_NODE);
  write(own, `#!/bin/sh\nNODE_OF=own exec ${process.execPath} "$@"\n`);
  chmodSync(join(root, own), 0o755);
  const elsewhere = join(root, 'elsewhere');
  const startWith = (node: string, ...args: string[]) =>
    spawnSync(node, [join('..', 'tandem.js'), ...args], { cwd: elsewhere, encoding: 'utf8' });
  const start = (...args: string[]) => startWith(process.execPath, ...args);
  const call = (...args: string[]) => JSON.parse(start(...args).stdout);
  return { root, elsewhere, start, startWith, call };
}

t.test('a command of the explorer runs in the folder of its caller, with his arguments', async (t) => {
  const { elsewhere, call } = workspace(t);
  t.strictSame(call('trace', 'file.gz').cwd, elsewhere);
  t.strictSame(call('trace', 'file.gz', '--base=file.gz').args, ['trace', 'file.gz', '--base=file.gz']);
});

t.test(
  'run has its data and the key for its explorer from the workspace, wherever it is called',
  async (t) => {
    const { root, elsewhere, call } = workspace(t);
    const { cwd, args } = call('run', '--honeycomb');
    t.equal(cwd, elsewhere);
    const own = ['--data-dir', join(root, '.data'), '--honeycomb-env', join(root, '.env')];
    t.strictSame(args, ['run', ...own, '--honeycomb']);
  },
);

t.test('a command of the workspace runs in its root', async (t) => {
  const { root, call } = workspace(t);
  for (const name of ['load', 'test']) t.equal(call(name).cwd, root);
});

t.test("a caller's Node runs what it can, and an own one the rest", async (t) => {
  const { startWith, start } = workspace(t);
  const nodes = {
    '20.20.2': ['own', 'own'],
    '22.15.0': ['own', 'own'],
    '22.18.0': ['caller', 'own'],
    '22.23.5': ['caller', 'own'],
    '26.12.1': ['caller', 'caller'],
    [process.versions.node]: ['caller', 'caller'],
  };
  for (const [version, [run, tools]] of Object.entries(nodes)) {
    const node = await nodeBinary(version);
    const told = (name: string) => JSON.parse(startWith(node, name).stdout);
    for (const name of ['doctor', 'load', 'run', 'trace'])
      t.equal(told(name).node, run, `${version}: ${name}`);
    t.equal(told('test').node, tools, `${version}: test`);
    // Node 22 calls what the commands use experiments.
    const isQuiet = told('doctor').flags.includes('--disable-warning=ExperimentalWarning');
    t.equal(isQuiet, run === 'caller' && version.startsWith('22.'), version);
  }
  for (const name of ['doctor', 'load']) t.equal(start(name).stderr, '', 'nothing is said of any Node');
});

t.test("npm's and pnpm's scripts are the commands, from the folder where they were called", async (t) => {
  const { root, elsewhere, start } = workspace(t);
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [name, script] of Object.entries(scripts)) t.equal(script, `node tandem ${name}`);
  const as = (env: NodeJS.ProcessEnv, cwd = root) =>
    JSON.parse(
      spawnSync(process.execPath, [join(root, 'tandem.js'), 'run'], {
        cwd,
        env: { ...process.env, INIT_CWD: elsewhere, ...env },
        encoding: 'utf8',
      }).stdout,
    ).cwd;
  t.equal(as({ npm_package_json: join(root, 'package.json') }), elsewhere);
  t.equal(as({ npm_package_json: join(elsewhere, 'package.json') }), root, "a script of the caller's own");
  const deeper = dirname(root);
  t.equal(as({ npm_package_json: join(root, 'package.json') }, deeper), deeper, 'a command within a script');
  t.match(start('--help').stdout, 'Usage: node ../tandem COMMAND');
});

t.test('an installation without tools is enough where the lock file is still the same', async (t) => {
  const { root, call } = workspace(t);
  writeFileSync(join(root, 'node_modules/.pnpm/lock.yaml'), 'of an installation without tools');
  const stamp = createHash('sha256').update('').digest('hex');
  writeFileSync(join(root, 'node_modules/.tandem-installed'), stamp);
  t.strictSame(call('load').args, []);
});

t.test('a Node that will not do is told in one sentence where npm has none for this machine', async (t) => {
  const { root, startWith } = workspace(t);
  const manifest = join(root, 'packages/own-node/package.json');
  writeFileSync(manifest, JSON.stringify({ optionalDependencies: {} }));
  const said = async (version: string, name: string) => startWith(await nodeBinary(version), name);
  t.match(await said('20.20.2', 'load'), {
    status: 1,
    stdout: '',
    stderr: /^This is Node 20\.20\.2\. Tandem needs 22\.18 or newer here: https:\/\/nodejs\.org\n$/,
  });
  t.match(await said('22.23.5', 'test'), {
    status: 1,
    stdout: '',
    stderr: /^This is Node 22\.23\.5\. `test` needs 24 or 26 here: https:\/\/nodejs\.org\n$/,
  });
  t.match(await said('22.23.5', 'load'), { status: 0, stderr: '' });
});
