import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { buildInto } from '../scripts/lib/own-build.ts';

/** A folder as pnpm installs it: its files are links to those of a store. */
function install(t: Test) {
  const root = t.testdir({ store: { 'index.js': 'installed' }, package: {}, options: 'a' });
  const folder = join(root, 'package', 'built');
  const [stored, built] = [join(root, 'store', 'index.js'), join(folder, 'dist', 'index.js')];
  mkdirSync(join(folder, 'dist'), { recursive: true });
  linkSync(stored, built);
  const options = join(root, 'options');
  const read = (path: string) => readFileSync(path, 'utf8');
  let builds = 0;
  /** What begins with the installed file, and writes into it. */
  const build = async () => {
    builds++;
    if (read(built) !== 'installed') throw new Error(`cannot begin with ${read(built)}`);
    writeFileSync(built, `built with ${read(options)}`);
    return true;
  };
  const ensure = (work = build) => buildInto({ folder, inputs: [options] }, work);
  return { built, options, ensure, stored: () => read(stored), now: () => read(built), builds: () => builds };
}

t.test('a build writes into files of its own, once for the same inputs', async (t) => {
  const { built, options, ensure, stored, now, builds } = install(t);
  t.equal(await ensure(), true);
  t.equal(await ensure(), true);
  t.equal(now(), 'built with a');
  t.equal(stored(), 'installed', "pnpm's store is as it was");
  t.equal(builds(), 1);
  writeFileSync(options, 'b');
  t.equal(await ensure(), true);
  t.equal(now(), 'built with b');
  writeFileSync(built, '');
  t.equal(await ensure(), true, 'what was built is cut off');
  rmSync(built);
  t.equal(await ensure(), true, 'or is gone');
  t.equal(now(), 'built with b');
  t.equal(builds(), 4);
});

t.test('what a build leaves that failed, or was interrupted, is no hindrance to the next', async (t) => {
  const { built, ensure, stored, now } = install(t);
  const breakIt = async () => {
    writeFileSync(built, 'half');
    return false;
  };
  t.equal(await ensure(breakIt), false);
  t.equal(await ensure(), true);
  t.equal(now(), 'built with a');
  rmSync(built);
  await t.rejects(
    ensure(async () => {
      rmSync(built);
      throw new Error('interrupted');
    }),
    { message: 'interrupted' },
  );
  t.equal(await ensure(), true);
  t.equal(now(), 'built with a');
  t.equal(stored(), 'installed');
});
