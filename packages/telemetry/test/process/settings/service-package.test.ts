import { join } from 'node:path';
import t from 'tap';
import { servicePackage } from '../../../src/process/settings/service-package.ts';

// Alone in its process: what the process started, and where, is what it is about.
const [cwd, started = ''] = [process.cwd(), process.argv[1]];
t.afterEach(() => {
  process.chdir(cwd);
  process.argv[1] = started;
});

const named = (name: string) => JSON.stringify({ name, version: '1.2.3' });
const work = t.testdir({
  project: {
    '.git': {},
    'package.json': named('shops'),
    'start.js': '',
    packages: {
      shop: {
        'package.json': named('shop'),
        src: { 'main.js': '' },
        dist: { 'package.json': '{"type":"module"}', 'main.js': '' },
        '.output': { server: { 'package.json': named('shop-prod'), 'index.mjs': '' } },
      },
      bank: { 'package.json': named('bank'), src: {} },
    },
    node_modules: { runner: { 'package.json': named('runner'), 'cli.js': '' } },
    bin: { runner: t.fixture('symlink', '../node_modules/runner/cli.js') },
  },
  platform: { 'package.json': named('platform'), 'start.js': '' },
  bare: { '.git': {}, 'package.json': '{}' },
});
const project = join(work, 'project');

/** The name that a service has that begins in a folder with a file. */
function nameFrom(folder: string, file: string): string | undefined {
  process.chdir(join(work, folder));
  process.argv[1] = join(work, file);
  return servicePackage(undefined).name;
}

t.test('a service is named by the package of its file, from whichever folder of its project', async (t) => {
  const main = 'project/packages/shop/src/main.js';
  for (const folder of [
    ...['project', 'project/packages', 'project/packages/shop', 'project/packages/shop/src'],
    ...['project/packages/bank', 'project/packages/bank/src'],
  ])
    t.equal(nameFrom(folder, main), 'shop', folder);
  t.equal(servicePackage(undefined).version, '1.2.3');
  t.equal(nameFrom('project/packages/bank', 'project/start.js'), 'bank', 'a script of the root starts it');
  t.equal(nameFrom('project', 'project/start.js'), 'shops');
});

t.test('what a build wrote names nothing', async (t) => {
  for (const folder of ['project', 'project/packages/shop', 'project/packages/bank']) {
    t.equal(nameFrom(folder, 'project/packages/shop/dist/main.js'), 'shop', folder);
    t.equal(nameFrom(folder, 'project/packages/shop/.output/server/index.mjs'), 'shop', folder);
  }
});

t.test(
  'for a command of a package, and one from elsewhere, the working directory names the service',
  async (t) => {
    for (const file of [
      ...['project/node_modules/runner/cli.js', 'project/bin/runner', 'platform/start.js', 'nowhere/main.js'],
      '../main.js',
    ])
      t.equal(nameFrom('project/packages/shop', file), 'shop', file);
    process.argv[1] = 'an argument';
    t.equal(servicePackage(undefined).name, 'shop', 'code of an option');
    process.argv.splice(1, 1);
    t.equal(servicePackage(undefined).name, 'shop', 'a prompt');
    process.argv.splice(1, 0, started);
  },
);

t.test('without a name of its own, a folder has the name of what is started from it', async (t) => {
  t.equal(nameFrom('bare', 'platform/start.js'), 'platform');
  t.equal(nameFrom('bare', 'nowhere/main.js'), undefined);
});

t.test('a named folder counts alone', async (t) => {
  process.argv[1] = join(project, 'packages/shop/src/main.js');
  t.equal(servicePackage(join(project, 'packages/bank/src')).name, 'bank');
  t.equal(servicePackage(work).name === 'shop', false);
});
