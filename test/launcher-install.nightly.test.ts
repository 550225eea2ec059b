import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { INSTALL_TIMEOUT_MS, nodeBinary } from './helpers/npm.ts';
import { ROOT } from './helpers/processes.ts';

const run = promisify(execFile);
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
/** How an earlier installation may have left the folder. */
const BEFORE = ['--ignore-scripts', '--prod', '--no-optional'];

const folder = await mkdtemp(join(tmpdir(), 'tandem-install-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
for (const path of execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n')) {
  if (
    !/^tandem\.js$|\/patched-node\.js$|^pnpm-|^(?:(?:services|packages)\/[^/]+\/)?package\.json$/.test(path)
  )
    continue;
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await cp(join(ROOT, path), join(folder, path));
}
const { packageManager } = JSON.parse(
  execFileSync('git', ['show', 'HEAD:package.json'], { cwd: ROOT, encoding: 'utf8' }),
);
const node = await nodeBinary('20.20.2');
const env = { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) };
const empty = () => rm(join(folder, 'node_modules'), { recursive: true, force: true });

async function installs(settings: NodeJS.ProcessEnv) {
  await run(node, ['tandem', 'install'], { cwd: folder, env: { ...env, ...settings } });
  const { stdout } = await run(join(folder, 'node_modules/node/bin/node'), ['--version']);
  await run(join(folder, 'node_modules/.bin/tsc'), ['--version']);
  return stdout;
}

for (const settings of SETTINGS)
  t.test(`installs with ${JSON.stringify(settings)}`, { timeout: INSTALL_TIMEOUT_MS }, async (t) => {
    await empty();
    t.match(await installs(settings), /^v24\./);
  });

for (const option of BEFORE)
  t.test(
    `repairs what an installation with ${option} has left`,
    { timeout: INSTALL_TIMEOUT_MS },
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
