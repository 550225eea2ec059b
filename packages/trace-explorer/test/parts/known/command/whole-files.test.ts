import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { runCli } from '../../../core/command/run-cli.ts';
import { sharedFiles } from '../../../core/command/shared-files.ts';
import { shopRun } from '../shop-run.ts';

// Each check has an explorer of its own.
t.setTimeout(600_000);

// Alone in its process: commands work in its folder.
const began = process.cwd();
t.afterEach(() => process.chdir(began));
const withFiles = sharedFiles(t);
const ask = ([name, ...rest]: readonly [string, ...string[]]) => runCli(name, rest, undefined, { withFiles });

/** A repository of a shop, and a run of it whose sender names its file in some way. */
function shop(t: Test, files: object) {
  const folder = t.testdir({ '.git': {}, ...files });
  process.chdir(folder);
  const run = (name: string, file: string, place = '.') =>
    shopRun(folder, name, { routes: ['orders'], file, place });
  const add = (file: string) => ask(['known', 'add', 'all', '--run', file, '--by', 'ann', '--why', 'old']);
  const gate = (file: string) => ask(['report', file, '--fail-on', 'unknown-causes']);
  const accepted = () =>
    JSON.parse(readFileSync(join(folder, 'tandem-known.json'), 'utf8')).known.map(
      ({ file }: { file?: string }) => file,
    );
  return { folder, run, add, gate, accepted };
}

t.test('an entry that has the end of a path still counts, and the next one has the whole path', async (t) => {
  const code = { db: { src: { 'orders.js': '' } } };
  const { folder, run, add, gate, accepted } = shop(t, { apps: { api: {} }, packages: code });
  const whole = run('whole.gz', join(folder, 'packages/db/src/orders.js'), 'apps/api');
  for (const [name, place] of [
    ['root', '.'],
    ['api', 'apps/api'],
  ] as const) {
    t.equal((await add(run(`${name}.gz`, 'src/orders.js', place))).code, 0);
    const known = await gate(
      name === 'root' ? run('root-whole.gz', join(folder, 'packages/db/src/orders.js')) : whole,
    );
    t.equal(known.code, 0, known.error);
  }
  t.same(accepted(), ['apps/api/src/orders.js', 'src/orders.js']);
  await ask(['known', 'prune', '--run', run('none.gz', 'src/none.js')]);
  t.equal((await add(whole)).code, 0);
  t.ok(accepted().includes('packages/db/src/orders.js'), accepted().join(' '));
  t.equal((await gate(whole)).code, 0);
});

t.test('a whole path is told as the repository has the file; of no file of it, as it is', async (t) => {
  const { folder, run, gate } = shop(t, { src: { 'orders.js': '' } });
  for (const [name, file, told, uris] of [
    ['here.gz', join(folder, 'src/orders.js'), 'src/orders.js', ['src/orders.js']],
    ['container.gz', '/usr/nowhere/src/orders.js', 'src/orders.js', ['src/orders.js']],
    ['nowhere.gz', '/usr/nowhere/lib/orders.js', '/usr/nowhere/lib/orders.js', []],
  ] as const) {
    const kept = run(name, file);
    const { error, code } = await gate(kept);
    t.equal(code, 1, error);
    t.match(error, ` (${told}:`, file);
    const { out } = await ask(['report', kept, '--json', '--sarif', 'out.sarif']);
    t.match(JSON.parse(out).causes, [{ file: told }]);
    const { runs } = JSON.parse(readFileSync('out.sarif', 'utf8'));
    const found = runs[0].results.flatMap(({ locations }: { locations: Located[] }) =>
      locations.map((each) => each.physicalLocation.artifactLocation.uri),
    );
    t.same(found, uris, file);
  }
});

t.test('code beside the folder of a run has one place in report, JSON and SARIF', async (t) => {
  const { run, gate } = shop(t, { apps: { api: {} }, packages: { db: { 'orders.js': '' } } });
  const kept = run('beside.gz', '../../packages/db/orders.js', 'apps/api');
  t.match((await gate(kept)).error, ' (packages/db/orders.js:');
  const report = await ask(['report', kept]);
  t.match(report.out, 'packages/db/orders.js');
  t.notMatch(report.out, '../packages');
  t.match(JSON.parse((await ask(['report', kept, '--json'])).out).causes, [
    { file: 'packages/db/orders.js' },
  ]);
});

interface Located {
  readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
}

t.test('one file of two checkouts is one problem of both runs', async (t) => {
  const { run } = shop(t, {});
  const [ann, bob] = ['ann', 'bob'].map((name) => run(`${name}.gz`, `/home/${name}/shop/orders.js`));
  const { out, error } = await ask(['report', bob ?? '', '--base', ann ?? '', '--json']);
  t.same(JSON.parse(out).changes?.filter(({ of }: { of: string }) => of === 'cause') ?? [], [], error);
  t.match(JSON.parse(out).causes, [{ file: '/home/bob/shop/orders.js' }]);
});

t.test('a file that has moved has the problem that it had, and another function has its own', async (t) => {
  const { folder, run } = shop(t, {});
  const before = run('before.gz', 'src/orders.js');
  const other = shopRun(folder, 'other.gz', { routes: ['orders'], file: 'lib/orders.js', called: 'other' });
  for (const [after, changes] of [
    [run('after.gz', 'lib/orders.js'), []],
    [other, ['gone', 'new']],
  ] as const) {
    const { out, error } = await ask(['report', after, '--base', before, '--json']);
    const found: readonly { of: string; how: string }[] = JSON.parse(out || '{}').changes ?? [];
    t.same(found.flatMap(({ of, how }) => (of === 'cause' ? how : [])).sort(), changes, error);
  }
});
