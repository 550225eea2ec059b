import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { withOwnFiles, withRepositoryFiles } from '../../../../src/core/problems/file/own-files.ts';

t.test('a file of the repository is told as the folder sees it, and another one stays whole', async (t) => {
  const folder = t.testdir({
    elsewhere: { 'a.js': '', src: { 'orders.js': '' } },
    repo: {
      '.git': {},
      'main.js': '',
      apps: { api: { src: { 'a.js': '' } } },
      packages: { db: { 'index.js': '', src: { 'orders.js': '' } } },
    },
  });
  const [repo, api] = [join(folder, 'repo'), join(folder, 'repo/apps/api')];
  symlinkSync(repo, join(folder, 'link'));
  const seen = (file: string, from = api) => withOwnFiles({ file }, from).file;
  t.equal(seen(join(api, 'src/a.js')), 'src/a.js');
  t.equal(seen(join(repo, 'packages/db/index.js')), '../../packages/db/index.js', 'beside the folder');
  t.equal(seen(join(folder, 'link/main.js')), '../../main.js', 'by a link');
  t.equal(seen(join(repo, 'main.js'), join(folder, 'link/apps/api')), '../../main.js', 'from a link');
  // In a container.
  t.equal(seen('/usr/nowhere/src/a.js'), 'src/a.js');
  t.equal(seen('/usr/nowhere/packages/db/src/orders.js'), '../../packages/db/src/orders.js');
  t.equal(seen('C:\\nowhere\\src\\a.js'), 'src/a.js');
  for (const file of [
    ...[join(folder, 'elsewhere/src/orders.js'), '/usr/nowhere/main.js', '/usr/nowhere/db/src/orders.js'],
    ...['/usr/nowhere/src/none.js', '/usr/../src/a.js', 'src/orders.js', '../x/a.js', 'a.js'],
  ])
    t.equal(seen(file), file, file);
});

t.test('the sentence of a problem says its file as the problem does, wherever it stands', async (t) => {
  const folder = t.testdir({ '.git': {}, src: { 'a.js': '' } });
  const file = join(folder, 'src/a.js');
  const cause = { file, line: 3, sentence: `${file}:3 is slow`, sightings: [{ file, trace_id: 'a' }] };
  const answer = { run: { id: 'r' }, causes: [cause], weak: [] };
  t.same(withOwnFiles(answer, folder), {
    run: { id: 'r' },
    causes: [
      {
        ...{ file: 'src/a.js', line: 3, sentence: 'src/a.js:3 is slow' },
        sightings: [{ file: 'src/a.js', trace_id: 'a' }],
      },
    ],
    weak: [],
  });
  t.equal(withOwnFiles(answer, undefined), answer);
});

t.test('code beside the folder of a run is told from the root of the repository', async (t) => {
  const cause = (file: string) => ({ causes: [{ file, line: 9, sentence: `${file}:9 is slow` }] });
  const told = (file: string, place?: string) => withRepositoryFiles(cause(file), place);
  t.same(told('../../packages/db/index.js', 'apps/api'), cause('packages/db/index.js'));
  for (const file of ['src/a.js', '../../../other/a.js', '/usr/nowhere/a.js'])
    t.same(told(file, 'apps/api'), cause(file), file);
  t.same(told('../../packages/db/index.js'), cause('../../packages/db/index.js'), 'of no known place');
});
