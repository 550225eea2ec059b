import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { ROOT } from './helpers/processes.ts';

const EXPLORER = 'packages/trace-explorer/src/main.ts';
const COMMANDS = 'packages/trace-explorer/src/parts/run/commands.json';
const NODE = 'packages/own-node/node_modules/node/bin/node';
const TOLD =
  "console.log(JSON.stringify({ cwd: process.cwd(), args: process.argv.slice(2), node: process.env.NODE_OF ?? 'caller' }))";

/** A workspace whose scripts tell where and how they run. @param patched whether a version has no holes, as code */
function workspace(t: Test, patched = '() => true') {
  const root = realpathSync(t.testdir({ elsewhere: { 'file.gz': '' } }));
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const file of ['tandem.js', COMMANDS]) cpSync(join(ROOT, file), join(root, file));
  write(
    'packages/telemetry/src/doctor/patched-node.js',
    `export const describeHoles = (version) => (${patched})(version) ? undefined : 'holes';`,
  );
  write('pnpm-lock.yaml', '');
  write('node_modules/.pnpm/lock.yaml', '');
  write(EXPLORER, TOLD);
  write('scripts/doctor.ts', TOLD);
  const scripts = {
    query: `node ${EXPLORER} query`,
    report: `node ${EXPLORER} report`,
    run: JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts.run,
    doctor: 'node scripts/doctor.ts',
    open: 'node scripts/doctor.ts',
    load: 'node scripts/doctor.ts',
    typecheck: 'node scripts/doctor.ts -p packages/trace-explorer/test/page',
  };
  write('package.json', JSON.stringify({ type: 'module', scripts }));
  write(NODE, `#!/bin/sh\nNODE_OF=workspace exec ${process.execPath} "$@"\n`);
  chmodSync(join(root, NODE), 0o755);
  const elsewhere = join(root, 'elsewhere');
  const start = (...args: string[]) =>
    spawnSync(process.execPath, [join('..', 'tandem.js'), ...args], { cwd: elsewhere, encoding: 'utf8' });
  const call = (...args: string[]) => JSON.parse(start(...args).stdout);
  return { root, elsewhere, call, errorsOf: (name: string) => start(name).stderr };
}

t.test('a command of the explorer runs in the folder of its caller, with his arguments', async (t) => {
  const { elsewhere, call } = workspace(t);
  t.strictSame(call('query', 'file.gz').cwd, elsewhere);
  t.strictSame(call('report', 'file.gz', '--base=file.gz').args, ['report', 'file.gz', '--base=file.gz']);
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
  for (const name of ['load', 'typecheck']) t.equal(call(name).cwd, root);
});

t.test(
  "a patched Node of the caller's runs every command but those that test and change Tandem",
  async (t) => {
    const own = /^2[46]\./.test(process.versions.node) ? 'caller' : 'workspace';
    for (const name of ['doctor', 'load', 'query']) {
      t.equal(workspace(t).call(name).node, own, name);
      t.equal(workspace(t, '() => false').call(name).node, 'workspace', `${name}, on a Node with holes`);
    }
    t.equal(workspace(t).call('typecheck').node, 'workspace', 'tests and tools are of one Node');
  },
);

t.test('what runs first is the command: nothing is said of any Node', async (t) => {
  for (const patched of ['() => false', '() => true'])
    for (const name of ['doctor', 'open', 'load']) t.equal(workspace(t, patched).errorsOf(name), '');
});

t.test('an installation without tools is enough where the lock file is still the same', async (t) => {
  const { root, call } = workspace(t);
  writeFileSync(join(root, 'node_modules/.pnpm/lock.yaml'), 'of an installation without tools');
  const stamp = createHash('sha256').update('').digest('hex');
  writeFileSync(join(root, 'node_modules/.tandem-without-tools'), stamp);
  t.strictSame(call('load').args, []);
});
