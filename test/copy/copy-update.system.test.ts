import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { startPair } from '../../scripts/lib/copy/start-pair.ts';
import { updatePair } from '../../scripts/lib/copy/update-pair.ts';
import { IS_NIGHT } from '../helpers/nightly.ts';
import { ROOT } from '../helpers/processes.ts';

// At night too: with a copied pair that is brought up to date.

const work = mkdtempSync(join(tmpdir(), 'tandem-copy-update-'));
t.teardown(() => rmSync(work, { recursive: true, force: true }));
const folder = join(work, 'my-pair');
const own = (path: string) => join(folder, path);
const victim = join(work, 'victim');
writeFileSync(victim, 'mine');
mkdirSync(join(folder, 'vendor'), { recursive: true });
// By day nothing gets past the record.
if (IS_NIGHT) await startPair(ROOT, folder, { name: 'my-pair', scope: '@acme' });
else {
  const record = { name: 'my-pair', scope: '@acme', commit: 'a'.repeat(40), tarballs: {}, files: {} };
  writeFileSync(own('.tandem-copy.json'), JSON.stringify(record));
}
writeFileSync(own('vendor/own.tgz'), 'own');

const record = JSON.parse(readFileSync(own('.tandem-copy.json'), 'utf8'));
const writeRecord = (change: object) =>
  writeFileSync(own('.tandem-copy.json'), JSON.stringify({ ...record, ...change }));
const vendor = () => readdirSync(own('vendor')).toSorted();
const atFirst = vendor();

t.afterEach(() => {
  writeRecord({});
  t.equal(readFileSync(victim, 'utf8'), 'mine');
  t.ok(vendor().includes('own.tgz'));
});

for (const [what, change] of Object.entries({
  'an option as commit': { commit: `--output=${victim}` },
  'a branch as commit': { commit: 'main' },
  'no commit': { commit: undefined },
  'a scope with a quote': { scope: "@a';process.exit()//" },
  'a name with a line': { name: 'a\nb' },
  'a tarball elsewhere': { tarballs: { '@tandem/telemetry': '../../victim.tgz' } },
  'no files': { files: null },
  'a file without a hash': { files: { LICENSE: 1 } },
}))
  t.test(`a record with ${what} is refused`, async (t) => {
    writeRecord(change);
    await t.rejects(updatePair(ROOT, folder), { message: /is not as `copy` wrote it/ });
    t.strictSame(vendor(), atFirst);
  });

t.test('a commit that this clone lacks leaves the copy as it is', async (t) => {
  writeRecord({ commit: 'f'.repeat(40) });
  await t.rejects(updatePair(ROOT, folder), { message: /not in this repository: `git fetch --unshallow`/ });
  t.strictSame(vendor(), atFirst);
});

t.test('--update on a folder that is no copy says so in a line', async (t) => {
  for (const name of ['work', 'not-there']) {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(ROOT, 'scripts/copy.ts'), '--update', join(work, name)],
      { encoding: 'utf8' },
    );
    t.equal(status, 1);
    t.match(stderr, /^.* has no \.tandem-copy\.json\. Name the folder of a copied pair\.\n$/);
  }
});

if (IS_NIGHT)
  t.test('an update follows no link, and keeps a file of one’s own in vendor', async (t) => {
    const mended = join(work, 'mended');
    execFileSync('git', ['clone', '--quiet', '--shared', ROOT, mended]);
    const [both, replaced] = ['process/logger.ts', 'server/health.ts'].map(
      (name) => `packages/service-kit/src/${name}`,
    ) as [string, string];
    const inFront = (path: string, line: string) =>
      writeFileSync(path, `${line}\n${readFileSync(path, 'utf8')}`);
    inFront(join(mended, both), '// theirs');
    inFront(own(both), '// ours');
    appendFileSync(join(mended, replaced), '\n// mended\n');
    const added = 'packages/service-kit/src/process/new-here.ts';
    writeFileSync(join(mended, added), 'export const theirs = 1;\n');
    writeFileSync(own(added), 'export const ours = 1;\n');
    execFileSync('git', ['add', added], { cwd: mended });
    const { pid } = spawnSync('true');
    writeFileSync(own(`LICENSE.${pid}.new`), 'of an update that was killed');
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com'];
    execFileSync('git', [...identity, 'commit', '--quiet', '--all', '--message', 'A mend'], { cwd: mended });

    const elsewhere = join(work, 'server');
    renameSync(own('packages/service-kit/src/server'), elsewhere);
    symlinkSync(elsewhere, own('packages/service-kit/src/server'));
    await t.rejects(updatePair(mended, folder), { message: /src\/server is a link/ });
    t.strictSame(vendor(), atFirst, 'nothing is changed');
    rmSync(own('packages/service-kit/src/server'));
    renameSync(elsewhere, own('packages/service-kit/src/server'));

    symlinkSync(victim, own('tandem-update.patch'));
    await updatePair(mended, folder);
    t.notOk(lstatSync(own('tandem-update.patch')).isSymbolicLink());
    const patch = readFileSync(own('tandem-update.patch'), 'utf8');
    t.match(patch, '+// theirs');
    t.match(patch, `--- a/${both}\n+++ b/${both}\n`, 'as git apply reads it');
    t.match(patch, `--- /dev/null\n+++ b/${added}\n`, 'a file that both have made');
    t.match(readFileSync(own(added), 'utf8'), 'ours');
    t.notOk(existsSync(own(`LICENSE.${pid}.new`)));
    t.match(readFileSync(own(replaced), 'utf8'), /\/\/ mended\n$/);
    const { tarballs } = JSON.parse(readFileSync(own('.tandem-copy.json'), 'utf8'));
    t.strictSame(vendor(), ['own.tgz', ...Object.values<string>(tarballs)].toSorted());
  });
