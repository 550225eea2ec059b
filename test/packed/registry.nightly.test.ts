import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import t from 'tap';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import { SCOPE } from '../../scripts/lib/release.ts';
import { INSTALL_TIMEOUT_MS, npmInstall } from '../helpers/npm.ts';
import { freePort, ROOT, startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

/** A registry as others run it. It is no dependency of the workspace: 400 packages for one test. */
const VERDACCIO = 'verdaccio@6.10.4';
const OTHER_SCOPE = '@another-scope';
const PACKAGES = ['telemetry', 'trace-explorer'];

/** A server that asks itself once. */
const APP = `
  import { createServer } from 'node:http';
  const server = createServer((_, response) => response.end('hi')).listen(0, '127.0.0.1', async () => {
    await (await fetch('http://127.0.0.1:' + server.address().port + '/')).text();
    server.close();
  });
`;

t.setTimeout(4 * INSTALL_TIMEOUT_MS);
// Outside of the workspace, whose packages would be found from here.
const work = await mkdtemp(join(tmpdir(), 'registry-'));
t.teardown(() => rm(work, { recursive: true, force: true }));
const env = {
  ...process.env, // what npm needs on this machine: certificates, a proxy
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`, // managers run on this Node, too
  TANDEM: '', // nobody called the launcher
  npm_config_cache: join(work, 'npm'), // npx keeps packages by their name, whichever registry they came from
  npm_config_update_notifier: 'false',
  YARN_CACHE_FOLDER: join(work, 'yarn'),
};
const url = await startRegistry(t);
for (const name of PACKAGES) await publish(await packPackage(name, work));

t.test('npx runs an app in an empty folder, and its last line is a command to type', async (t) => {
  const folder = await emptyFolder('npx');
  const { stderr } = await runApp(folder, 'npx', '--yes', `${SCOPE}/trace-explorer`);
  t.match(stderr, `npx ${SCOPE}/trace-explorer `);
  t.notMatch(stderr, '_npx');
});

t.test('npm: the app starts with telemetry, and the READMEs are those of a registry', async (t) => {
  const folder = await emptyFolder('npm');
  await run(folder, 'npm', 'install', `${SCOPE}/telemetry`, `${SCOPE}/trace-explorer`);
  const args = ['--import', `${SCOPE}/telemetry/register`, 'app.mjs'];
  const { stderr } = await run(folder, process.execPath, ...args);
  t.match(stderr, 'Telemetry of ');
  for (const name of PACKAGES) {
    const readme = await readFile(join(folder, 'node_modules', SCOPE, name, 'README.md'), 'utf8');
    t.notMatch(readme, /not on npm|pack:all/, name);
    t.match(readme, `npm install ${name === 'telemetry' ? '' : '--save-dev '}${SCOPE}/${name}`);
  }
  t.match(
    (await runApp(folder, 'npx', '--no', '--', 'trace-explorer')).stderr,
    'npx --no -- trace-explorer ',
  );
});

for (const manager of ['pnpm@10.34.9', 'yarn@1.22.22'])
  t.test(`${manager} installs both without a complaint about peers, and run works`, async (t) => {
    const folder = await emptyFolder(manager);
    const names = PACKAGES.map((name) => `${SCOPE}/${name}`);
    const { stdout, stderr } = await run(folder, 'npx', '--yes', manager, 'add', ...names);
    // Yarn 1 installs no peers: docs/adopt.md says which one to add.
    t.notMatch(stdout + stderr, manager.startsWith('pnpm') ? /unmet peer/i : /incorrect peer/i);
    t.match(
      (await runApp(folder, 'npx', '--no', '--', 'trace-explorer')).stderr,
      'npx --no -- trace-explorer ',
    );
  });

const clone = join(work, 'clone');

t.test('a newer version is packed anew, and npm upgrades to it, with the store of the older', async (t) => {
  await run(work, 'git', 'clone', '--quiet', '--depth=1', pathToFileURL(ROOT).href, clone);
  await run(clone, process.execPath, 'tandem', 'install');
  const versions = ['packages/trace-explorer/src/lib/version.ts', 'packages/telemetry/src/common/tracer.ts'];
  for (const file of [...PACKAGES.map((name) => `packages/${name}/package.json`), ...versions])
    await replace(file, /\b0\.1\.0\b/, '0.1.1');
  for (const tarball of await packed('0.1.1')) await publish(tarball);
  const folder = join(work, 'npm app');
  await run(folder, 'npm', 'install', `${SCOPE}/telemetry@latest`, `${SCOPE}/trace-explorer@latest`);
  t.match(await run(folder, 'npx', '--no', '--', 'trace-explorer', '--version'), { stdout: '0.1.1\n' });
  await runApp(folder, 'npx', '--no', '--', 'trace-explorer');
});

t.test('one constant gives the packages another scope, in every file of the repository', async (t) => {
  await replace('scripts/lib/release.ts', SCOPE, OTHER_SCOPE);
  await run(clone, process.execPath, 'tandem', 'documents');
  const { stdout: left } = await run(clone, 'git', 'grep', '--files-with-matches', SCOPE).catch(() => ({
    stdout: '',
  }));
  t.equal(left, '');
  await run(clone, process.execPath, 'tandem', 'install');
  await run(clone, process.execPath, 'tandem', 'documents');
  for (const tarball of await packed('0.1.1')) await publish(tarball);
  const folder = await emptyFolder('another scope');
  const { stderr } = await runApp(folder, 'npx', '--yes', `${OTHER_SCOPE}/trace-explorer`);
  t.match(stderr, `npx ${OTHER_SCOPE}/trace-explorer `);
});

async function startRegistry(t: Test): Promise<string> {
  const folder = join(work, 'registry');
  // Verdaccio asks for the tag `cjs`, which not every registry has.
  await npmInstall(folder, [VERDACCIO], {
    name: 'registry',
    private: true,
    overrides: { 'node-fetch': '2.7.0' },
  });
  const port = await freePort();
  const config = {
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'users') } },
    packages: { '**': { access: '$all', publish: '$all' } },
    web: { enable: false },
    log: { type: 'stdout', format: 'json', level: 'warn' },
  };
  await writeFile(join(folder, 'config.yaml'), JSON.stringify(config)); // which is YAML too
  const options = ['--config', 'config.yaml', '--listen', `127.0.0.1:${port}`];
  const registry = startNode(folder, ['node_modules/verdaccio/bin/verdaccio', ...options], {});
  t.teardown(() => registry.stop());
  const origin = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(`${origin}/-/ping`).then(
      ({ ok }) => ok,
      () => false,
    );
  await until(isUp, { what: registry.output, limitMs: 60_000 });
  return origin;
}

/** A folder with an app, whose package manager asks our registry for the two scopes alone. */
async function emptyFolder(name: string): Promise<string> {
  const folder = join(work, `${name} app`);
  await mkdir(folder);
  await writeFile(join(folder, 'app.mjs'), APP);
  const scopes = [SCOPE, OTHER_SCOPE].map((scope) => `${scope}:registry=${url}/`);
  await writeFile(join(folder, '.npmrc'), `${scopes.join('\n')}\n`);
  await writeFile(join(folder, 'package.json'), '{"name":"app","version":"1.0.0","license":"MIT"}');
  return folder;
}

/** `run` of this explorer, on free ports. */
function runApp(folder: string, ...explorer: string[]) {
  const options = ['--port', '0', '--otlp-port', '0', '--data-dir', 'data'];
  return run(folder, ...explorer, 'run', ...options, '--', process.execPath, 'app.mjs');
}

function run(folder: string, command = '', ...args: string[]) {
  return promisify(execFile)(command, args, { cwd: folder, env, maxBuffer: 16 * 1024 * 1024 });
}

async function publish(tarball: string): Promise<void> {
  const token = `--${url.replace('http:', '')}/:_authToken=any`;
  await run(work, 'npm', 'publish', tarball, '--access', 'public', `--registry=${url}/`, token);
}

/** The tarballs of the clone. */
async function packed(version: string): Promise<string[]> {
  const { stdout } = await run(clone, process.execPath, 'tandem', 'pack:all');
  return [...stdout.matchAll(/^(\S+\.tgz) /gm)]
    .map(([, path = '']) => join(clone, path))
    .filter((path) => path.includes(version));
}

async function replace(file: string, before: string | RegExp, after: string): Promise<void> {
  const path = join(clone, file);
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll(new RegExp(before, 'g'), after));
}
