import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import t from 'tap';
import { OWN_NODE as OWN_NODE_HERE } from '../../scripts/launcher/own-node.js';
import { INSTALL_TIMEOUT_MS, nodeBinary } from '../helpers/npm.ts';
import { ROOT } from '../helpers/processes.ts';

/** Installations that go on: one that a test did not wait for would write into the next test's folder. */
const running = new Set<number>();

/** Runs a program in a group of processes of its own. Rejects with what it said, where it failed. */
function run(file: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => (said[name] += text));
  const pid = child.pid ?? 0;
  running.add(pid);
  return new Promise<typeof said>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(pid);
      if (code === 0) resolve(said);
      else reject(Object.assign(new Error(said.stderr), said));
    });
  });
}

/** Ends installations that were not waited for. */
function endRunning() {
  for (const pid of running)
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {} // has ended
}
/** What somebody's npm may be set to. */
const SETTINGS = [
  { npm_config_ignore_scripts: 'true' },
  { NPM_CONFIG_PRODUCTION: 'true' },
  { NODE_ENV: 'production' },
  { npm_config_omit: 'dev' },
  { npm_config_only: 'production' },
  { npm_config_optional: 'false' },
  { npm_config_package_lock: 'false' },
  { npm_config_engine_strict: 'true' },
];
const OWN_NODE = relative(ROOT, OWN_NODE_HERE);
/** How an earlier installation may have left the folder. */
const BEFORE = ['--ignore-scripts', '--prod', '--no-optional'];

// Each test installs once or more.
t.setTimeout(20 * INSTALL_TIMEOUT_MS);
const folder = await mkdtemp(join(tmpdir(), 'tandem-install-'));
t.teardown(() => {
  endRunning();
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
});
for (const path of execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n')) {
  if (path === '' || !existsSync(join(ROOT, path))) continue;
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await cp(join(ROOT, path), join(folder, path));
}
const { packageManager } = JSON.parse(
  execFileSync('git', ['show', 'HEAD:package.json'], { cwd: ROOT, encoding: 'utf8' }),
);
const node = await nodeBinary('20.20.2');
const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
async function empty() {
  endRunning();
  await rm(join(folder, 'node_modules'), { recursive: true, force: true, maxRetries: 5 });
}

async function installs(settings: NodeJS.ProcessEnv) {
  await run(node, ['tandem', 'install'], { cwd: folder, env: { ...env, ...settings } });
  const { stdout } = await run(join(folder, OWN_NODE), ['--version']);
  await run(join(folder, 'node_modules/.bin/tsc'), ['--version']);
  return stdout;
}

for (const settings of SETTINGS)
  t.test(`installs with ${JSON.stringify(settings)}`, { timeout: 2 * INSTALL_TIMEOUT_MS }, async (t) => {
    await empty();
    t.match(await installs(settings), /^v24\./);
  });

for (const option of BEFORE)
  t.test(
    `repairs what an installation with ${option} has left`,
    { timeout: 2 * INSTALL_TIMEOUT_MS },
    async (t) => {
      await empty();
      await run(
        'npx',
        ['--yes', '--prefer-offline', packageManager, 'install', '--frozen-lockfile', option],
        {
          cwd: folder,
          env,
        },
      );
      t.match(await installs({}), /^v24\./);
    },
  );

/** Installs by a command that prints its usage. */
const small = (binary = node) => run(binary, ['tandem', 'dev', '--help'], { cwd: folder, env });
const has = (path: string) => existsSync(join(folder, path));

t.test(
  'what runs is installed without tools; tests install the rest',
  { timeout: 2 * INSTALL_TIMEOUT_MS },
  async (t) => {
    await empty();
    t.match(await small(), { stderr: /Installing what Tandem needs/ });
    t.ok(has('node_modules/chokidar') && has(OWN_NODE));
    t.notOk(has('node_modules/typescript') || has('node_modules/@biomejs'));
    t.notMatch(await small(), { stderr: /Installing/ }, 'once');

    t.match(await installs({}), /^v24\./);
    t.notMatch(await small(), { stderr: /Installing/ }, 'a whole installation is enough for both');

    // A lock file that has changed, as after an update of the clone.
    await rm(join(folder, 'node_modules/.pnpm/lock.yaml'));
    t.match(await small(), { stderr: /Installing what Tandem needs/ });
    t.match(await installs({}), /^v24\./);
  },
);

t.test(
  'the own Node is left out where the caller has one that will do',
  { timeout: 2 * INSTALL_TIMEOUT_MS },
  async (t) => {
    await empty();
    const newer = await nodeBinary('22.23.5');
    await small(newer);
    t.ok(has('node_modules/chokidar'));
    t.notOk(has(OWN_NODE));
    await small(node);
    t.ok(has(OWN_NODE), 'another caller needs it');
    t.notMatch(await small(newer), { stderr: /Installing/ });

    await empty();
    await run(await nodeBinary('24.22.3'), ['tandem', 'install'], { cwd: folder, env });
    t.ok(has('node_modules/typescript'));
    t.notOk(has(OWN_NODE));
    t.match(await small(node), { stderr: /Installing/ });
    t.ok(has('node_modules/typescript') && has(OWN_NODE), 'who has tools keeps them');
  },
);

t.test(
  "pnpm's own commands find what is missing after it",
  { timeout: 2 * INSTALL_TIMEOUT_MS },
  async (t) => {
    await empty();
    await small();
    const pnpm = (...args: string[]) =>
      run('npx', ['--yes', '--prefer-offline', packageManager, ...args], { cwd: folder, env });
    t.match((await pnpm('dev', '--help')).stdout, /^Usage: node tandem dev$/m, 'on any Node');
    await empty();
    await small();
    await pnpm('install', '--frozen-lockfile');
    t.ok(has('node_modules/typescript'), 'without a question, and without a terminal');
  },
);
