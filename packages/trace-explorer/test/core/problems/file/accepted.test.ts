import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import type { AcceptedEntry } from '../../../../src/core/problems/file/accepted.ts';
import { acceptedOf } from '../../../../src/core/problems/file/accepted-of.ts';
import { dayOf, isDay, isEnded } from '../../../../src/core/problems/file/entries.ts';
import { placeOf } from '../../../../src/core/problems/file/find-file.ts';
import { readAccepted } from '../../../../src/core/problems/file/known-here.ts';
import type { Sighting } from '../../../../src/core/problems/schemas.ts';
import { entriesFor, textOf, withEntries } from '../../../../src/parts/known/command/write-file.ts';
import { temporaryDirectory } from '../../../spans.ts';

const TODAY = '2026-11-29';
const kind: Sighting = {
  rule: 'repeated-call',
  service: 'shop',
  route: 'GET /orders',
  operation: 'SELECT items',
  statement: 'select name from items where id = ?',
  file: 'src/orders.js',
  sentence: 'SELECT items was called 15 times',
  trace_id: 'a',
};
const by = { by: 'orders team', why: 'a report', since: '2026-11-01' };
const { trace_id: _, ...fields } = kind;
const entry: AcceptedEntry = { ...fields, ...by };
const judge = (entries: readonly AcceptedEntry[], kinds: readonly Sighting[], place = '.') =>
  acceptedOf('f', entries, TODAY).judge(kinds, place);

t.test('all fields but the sentence have to be equal', async (t) => {
  t.match(judge([entry], [kind]), { known: { why: 'a report' } });
  t.ok(judge([entry], [{ ...kind, sentence: 'other', line: 99 }]).known);
  for (const [name, value] of Object.entries({
    ...{
      rule: 'same-call-twice',
      service: 'bank',
      route: 'GET /b',
      operation: 'SELECT b',
      statement: 'select b',
    },
    ...{ file: 'src/b.js', type: 'Error', message: 'no' },
  }))
    t.equal(judge([entry], [{ ...kind, [name]: value }]).known, undefined, name);
});

t.test('a file counts where both sides have one, as its repository sees it', async (t) => {
  const { file: _, ...without } = kind;
  t.ok(judge([entry], [without]).known, 'nobody knows where it is');
  t.ok(judge([{ ...entry, file: 'packages/shop/src/orders.js' }], [kind], 'packages/shop').known);
  t.equal(judge([entry], [kind], 'packages/shop').known, undefined);
  t.ok(judge([entry], [{ ...kind, file: 'src\\orders.js' }]).known, 'of Windows');
  t.ok(judge([entry], [{ ...kind, file: 'packages/shop/../../src/orders.js' }]).known);
  for (const file of ['../other/src/b.js', 'node_modules/b/b.js', 'webpack-internal:///b.js'])
    t.ok(judge([entry], [{ ...kind, file }]).known, `${file} is left out`);
  const other = acceptedOf('f', [entry], TODAY).judge([{ ...kind, file: 'src/b.js' }], undefined);
  t.ok(other.known, 'nobody knows where the folder is');
});

t.test(
  'an entry whose file has moved, or was told otherwise, is for the file that has the problem now',
  (t) => {
    const files = new Set(['src/orders.js', 'src/b.js', 'packages/db/index.js']);
    const judged = (of: string, file: string, place = '.') =>
      acceptedOf('f', [{ ...entry, file: of }], TODAY, (each) => files.has(each)).judge(
        [{ ...kind, file }],
        place,
      ).known?.file;
    t.equal(judged('lib/orders.js', 'src/orders.js'), 'lib/orders.js', 'moved');
    t.equal(judged('apps/api/db/index.js', '../../packages/db/index.js', 'apps/api'), 'apps/api/db/index.js');
    t.equal(judged('src/b.js', 'src/orders.js'), undefined, 'another file, which is there');
    t.equal(judged('lib/orders.js', 'src/none.js'), undefined, 'nobody knows where it is now');
    const two = acceptedOf('f', [{ ...entry, file: 'lib/a.js' }, entry], TODAY, (each) => files.has(each));
    t.equal(two.judge([kind], '.').known?.file, 'src/orders.js', 'its own entry comes first');
    t.end();
  },
);

t.test('a file that its sender names whole is that of an entry with the end of its path', async (t) => {
  const judged = (file: string, place: string | undefined, ...of: readonly (string | undefined)[]) => {
    const { file: _, ...without } = entry;
    const entries = of.map((each) => ({ ...without, ...(each !== undefined && { file: each }) }));
    return judge(entries, [{ ...kind, file }], place).known;
  };
  const WHOLE = '/home/ann/ws/packages/shop/src/orders.js';
  // The last two parts are what entries once had of it, below the folder that they were told from.
  for (const [place, of] of [
    ['.', 'src/orders.js'],
    ['packages/shop', 'packages/shop/src/orders.js'],
    ['apps/api', 'apps/api/src/orders.js'],
    ['.', 'packages/shop/src/orders.js'],
    ['.', undefined],
  ] as const)
    t.ok(judged(WHOLE, place, of), `${place}: ${of}`);
  t.ok(judged('C:\\ann\\shop\\src\\orders.js', '.', 'src/orders.js'), 'of Windows');
  for (const [place, of] of [
    ['.', 'lib/orders.js'],
    ['.', 'my-src/orders.js'],
    ['.', 'c/orders.js'],
    ['apps/api', 'apps/other/src/orders.js'],
  ] as const)
    t.equal(judged(WHOLE, place, of), undefined, `${place}: ${of}`);
  t.equal(
    judged(WHOLE, '.', 'src/orders.js', 'shop/src/orders.js')?.file,
    'shop/src/orders.js',
    'the longest',
  );
});

t.test('a cause is known if each kind of its sightings is', async (t) => {
  const other = { ...kind, route: 'GET /b', sentence: 'in b' };
  t.match(judge([entry], [kind, other]), { known: undefined, unknown: { sentence: 'in b' }, isPart: true });
  t.match(judge([entry], [other]), { unknown: { sentence: 'in b' }, isPart: false });
  const second = { ...entry, route: 'GET /b', until: '2026-12-01' };
  t.match(
    judge([entry, second], [kind, other]),
    { known: { until: '2026-12-01' } },
    'the one that ends first',
  );
  t.ok(judge([entry], [kind, { ...other, weak: true }]).known, 'one that no request has in full is none');
  t.same(judge([entry], []), {}, 'a cause without a sighting is not known');
  t.same(judge([entry], [{ ...kind, weak: true }]), {});
});

t.test('an entry counts on its last day, and on no later one', async (t) => {
  const until = (day: string) => judge([{ ...entry, until: day }], [kind]);
  t.match(until('2026-11-28'), { known: undefined, expired: { until: '2026-11-28' }, unknown: {} });
  t.ok(until(TODAY).known);
  t.ok(until('2026-11-30').known);
  t.equal(isEnded({}, TODAY), false);
  for (const [day, is] of Object.entries({
    '2028-02-29': true,
    '2027-02-29': false,
    '2027-13-01': false,
    '2027-1-1': false,
  }))
    t.equal(isDay(day), is, day);
});

t.test('a day is one of where the command runs', async (t) => {
  const at = `import('${new URL('../../../../src/core/problems/file/entries.ts', import.meta.url)}').then(({ dayOf }) => console.log(dayOf(new Date('2026-11-29T22:30:00Z'))))`;
  const dayIn = (TZ: string) =>
    execFileSync(process.execPath, ['--no-warnings', '-e', at], {
      env: { ...process.env, TZ },
      encoding: 'utf8',
    }).trim();
  t.equal(dayIn('Pacific/Auckland'), '2026-11-30');
  t.equal(dayIn('America/New_York'), TODAY);
  t.match(dayOf(new Date()), /^\d{4}-\d\d-\d\d$/);
});

t.test('what is not seen says how often its route was asked for', async (t) => {
  const other = { ...entry, route: 'GET /b' };
  const accepted = acceptedOf('f', [entry, other], TODAY);
  const asked = [{ service: 'shop', route: 'GET /orders', requests: 12 }];
  t.match(accepted.unseen([], asked, '.'), [
    { entry, asked: 12 },
    { entry: other, asked: 0 },
  ]);
  t.match(accepted.unseen([{ ...kind, weak: true }], asked, '.'), [{ entry: other }]);
});

t.test('no entry is added twice', async (t) => {
  const { file: _, ...without } = kind;
  t.equal(entriesFor([without, kind, { ...kind, trace_id: 'b' }], [], by).length, 1);
  t.match(entriesFor([without, kind], [], by), [{ file: 'src/orders.js', by: 'orders team' }]);
  t.same(entriesFor([kind, without], [entry], by), []);
  t.equal(entriesFor([{ ...kind, file: 'src/b.js' }], [entry], by).length, 1);
  const [added] = entriesFor([kind], [], by);
  t.same(
    Object.keys(added ?? {}).filter((name) => ['line', 'trace_id', 'weak'].includes(name)),
    [],
  );
});

t.test('the file is looked for up to the root of the repository, and no further', async (t) => {
  // Outside of this repository.
  const folder = temporaryDirectory(t);
  const shop = join(folder, 'repository/packages/shop');
  for (const path of [shop, join(folder, 'free')]) mkdirSync(path, { recursive: true });
  writeFileSync(join(folder, 'repository/.git'), 'gitdir: elsewhere');
  writeFileSync(join(folder, 'tandem-known.json'), textOf([{ ...entry, why: 'outside' }]));
  t.equal(await readAccepted(shop), undefined);
  t.equal(
    await readAccepted(join(folder, 'free')),
    undefined,
    'above a folder without a repository nobody looks',
  );
  writeFileSync(join(folder, 'repository/tandem-known.json'), textOf([entry]));
  t.match(await readAccepted(shop), { entries: [{ why: 'a report' }] });
  writeFileSync(join(shop, 'tandem-known.json'), textOf([{ ...entry, why: 'near' }]));
  t.match(await readAccepted(shop), { entries: [{ why: 'near' }] });
  t.match(await readAccepted(shop, '../../tandem-known.json'), { entries: [{ why: 'a report' }] });
  t.equal(await readAccepted(shop, 'none'), undefined);
  await t.rejects(readAccepted(shop, 'nowhere.json'), { message: /^nowhere\.json is not there/ });
  t.equal(placeOf(shop), 'packages/shop');
  t.equal(placeOf(join(folder, 'repository')), '.');
});

/** A repository in which two branches each add an entry to the same three. @returns whether git merges them, and the file */
function merged(t: Test, one: string, other: string) {
  const at = (route: string) => ({ ...entry, route });
  const folder = t.testdir({});
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const path = join(folder, 'tandem-known.json');
  const commit = (entries: readonly AcceptedEntry[]) => {
    writeFileSync(path, textOf(entries));
    git('add', path);
    git('commit', '-qm', 'f');
  };
  mkdirSync(folder, { recursive: true });
  git('init', '-q', '-b', 'main');
  const old = [at('GET /b'), at('GET /d'), at('GET /f')];
  commit(old);
  git('checkout', '-qb', 'one');
  commit(withEntries(old, [at(one)]));
  git('checkout', '-q', 'main');
  commit(withEntries(old, [at(other)]));
  try {
    git('merge', '-q', '-m', 'both', 'one');
    return { isMerged: true, folder, path };
  } catch {
    return { isMerged: false, folder, path };
  }
}

t.test('two branches that each add an entry merge where one stands between them', async (t) => {
  const { isMerged, path } = merged(t, 'GET /c', 'GET /e');
  t.ok(isMerged);
  const { known } = JSON.parse(readFileSync(path, 'utf8')) as { known: AcceptedEntry[] };
  t.same(
    known.map(({ route }) => route),
    ['GET /b', 'GET /c', 'GET /d', 'GET /e', 'GET /f'],
  );
});

t.test('side by side git asks, and until somebody has answered, no entry counts', async (t) => {
  const { isMerged, folder } = merged(t, 'GET /ca', 'GET /cb');
  t.notOk(isMerged);
  await t.rejects(readAccepted(folder), {
    message: /^tandem-known\.json:\d+: here are the marks of a conflict: merge the file$/,
  });
});
