import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import t from 'tap';
import { OWN_NODE } from '../scripts/launcher/own-node.js';
import { startReadThroughRegistry } from './helpers/launch/read-through-registry.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary } from './helpers/npm.ts';
import { freePort, ROOT } from './helpers/processes.ts';
import { until } from './helpers/until.ts';

// The first command of somebody who has just cloned: nothing is installed, and no cache has anything.
t.setTimeout(10 * INSTALL_TIMEOUT_MS);
const work = mkdtempSync(join(tmpdir(), 'tandem-door-'));
t.teardown(() => rmSync(work, { recursive: true, force: true, maxRetries: 5 }));
const registry = await startReadThroughRegistry();
t.teardown(() => registry.close());

/** Of Node, and of the launcher. */
const STACK = /^\s+at .*(?:node:internal|tandem\.js|launcher)|^Node\.js v/m;
const NOBODY = 65_534;

interface Options {
  readonly cwd: string;
  readonly home: string;
  readonly registry?: string;
  readonly uid?: number;
}

/** Starts a command as a stranger's shell would: with his Node, in his HOME. */
function start(
  node: string,
  args: readonly string[],
  { cwd, home, registry: asked = registry.url, uid }: Options,
) {
  mkdirSync(home, { recursive: true });
  const child = spawn(node, args, {
    cwd,
    env: {
      PATH: [dirname(node), process.env.PATH].join(delimiter),
      HOME: home,
      npm_config_registry: asked,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid, gid: uid }),
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const ended = once(child, 'close').then(([code]) => ({ code, text }));
  t.teardown(() => child.kill('SIGKILL'));
  return { child, output: () => text, ended };
}

function clone(name: string): string {
  const folder = join(work, name);
  execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${ROOT}`, folder]);
  return folder;
}

/** What one gets without git, in a folder whose name has a space. */
function unzipped(name: string): string {
  const folder = join(work, `${name} of somebody`);
  mkdirSync(folder);
  const archive = execFileSync('git', ['archive', 'HEAD'], { cwd: ROOT, maxBuffer: 512 * 1024 * 1024 });
  execFileSync('tar', ['x'], { cwd: folder, input: archive });
  return folder;
}

const app = join(work, 'app');
mkdirSync(app);
writeFileSync(join(app, 'app.js'), 'setTimeout(() => {}, 300);');

for (const [version, make, hasOwn] of [
  ['20.20.2', unzipped, true],
  ['22.23.5', clone, false],
  ['24.22.3', clone, false],
  ['26.12.1', clone, false],
] as const)
  t.test(`Node ${version}: the first command runs, and installs once`, async (t) => {
    const node = await nodeBinary(version);
    const folder = make(version);
    const ports = ['--port', String(await freePort()), '--otlp-port', String(await freePort())];
    const args = [join(folder, 'tandem'), 'run', ...ports, '--', 'node', 'app.js'];
    const call = () => start(node, args, { cwd: app, home: join(work, `home-${version}`) }).ended;
    const first = await call();
    t.equal(first.code, 0, first.text);
    t.match(first.text, /^Installing what Tandem needs/);
    t.notMatch(first.text, STACK);
    t.notMatch(first.text, /^Scope|Lockfile|npm warn|Done in/m, 'the installer is quiet where it succeeds');
    t.equal(existsSync(join(folder, relative(ROOT, OWN_NODE))), hasOwn, 'an own Node');
    const again = await call();
    t.equal(again.code, 0, again.text);
    t.notMatch(again.text, 'Installing');
    t.notMatch(again.text, STACK);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

t.test('an installation that Ctrl+C has ended, and then two commands at once', async (t) => {
  const node = await nodeBinary('22.23.5');
  const folder = clone('two');
  const options = { cwd: folder, home: join(work, 'home-two') };
  const stopped = start(node, ['tandem', 'dev', '--help'], options);
  await until(() => existsSync(join(folder, 'node_modules', '.pnpm')), { what: stopped.output });
  stopped.child.kill('SIGINT');
  t.equal((await stopped.ended).code, 130, stopped.output());
  const both = [
    ['dev', '--help'],
    ['doctor', '--help'],
  ].map((args) => start(node, ['tandem', ...args], options).ended);
  for (const { code, text } of await Promise.all(both)) {
    t.equal(code, 0, text);
    t.match(text, /^Usage: node tandem (?:dev|doctor)/m);
  }
});

t.test('a registry that is away is named by the last line', async (t) => {
  const node = await nodeBinary('22.23.5');
  const away = `http://127.0.0.1:${await freePort()}`;
  const options = { cwd: clone('away'), home: join(work, 'home-away'), registry: away };
  const { code, text } = await start(node, ['tandem', 'dev', '--help'], options).ended;
  t.equal(code, 1);
  const last = text.trim().split('\n').at(-1);
  t.match(last, `it needs the npm registry, and ${away} says: connect ECONNREFUSED`);
});

t.test('a clone that cannot be written is named by the last line, and no registry', async (t) => {
  const folder = clone('read-only');
  const home = join(work, 'home-read-only');
  mkdirSync(home);
  let node = await nodeBinary('22.23.5');
  // Root may write everywhere, so the caller is another user, and needs a Node in a folder that he may read.
  const uid = process.getuid?.() === 0 ? NOBODY : undefined;
  if (uid !== undefined) {
    chmodSync(work, 0o755);
    chmodSync(home, 0o777);
    const own = join(work, 'bin', 'node');
    mkdirSync(dirname(own));
    copyFileSync(node, own);
    node = own;
  }
  chmodSync(folder, 0o555);
  t.teardown(() => chmodSync(folder, 0o755));
  const options = { cwd: folder, home, ...(uid !== undefined && { uid }) };
  const { code, text } = await start(node, ['tandem', 'dev', '--help'], options).ended;
  t.equal(code, 1, text);
  const last = text.trim().split('\n').at(-1);
  t.match(last, `The installation failed: ${folder} cannot be written (EACCES).`);
  t.notMatch(text, 'npm registry');
});
