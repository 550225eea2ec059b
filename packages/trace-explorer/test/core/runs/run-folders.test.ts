import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { RunFolders } from '../../../src/core/runs/run-folders.ts';
import { temporaryExplorer } from '../../explorer.ts';

const one = { folder: '/srv/shop', problems: 2, exit_code: 3 };
const other = { folder: '/srv/bank' };

for (const [what, content] of [
  ['is cut off', '{"a": {"folder": "/srv/a'],
  ['is a list', '[]'],
  ['is larger than what is read', ' '.repeat(300 * 1024)],
] as const)
  t.test(`a list of folders that ${what} stays as it is`, async (t) => {
    const directory = t.testdir({ 'run-folders.json': content });
    const path = join(directory, 'run-folders.json');
    const folders = new RunFolders(directory);
    t.equal(await folders.of('a'), undefined);
    await t.rejects(folders.keep('one', one), {
      code: 'RUN_FOLDERS_NOT_READABLE',
      message: /run-folders\.json .*Mend the file/,
    });
    t.equal(readFileSync(path, 'utf8'), content);
    t.equal(await folders.of('one'), '/srv/shop', 'this process knows it all the same');
    t.same([...(await folders.all()).keys()], ['one']);
    writeFileSync(path, '{"a": "/srv/a"}');
    await folders.keep('other', other);
    t.same(
      JSON.parse(readFileSync(path, 'utf8')),
      { a: { folder: '/srv/a' }, one, other },
      'nothing is lost',
    );
    t.equal(await new RunFolders(directory).of('one'), '/srv/shop');
    rmSync(path);
  });

t.test('runs that begin at once are all kept', async (t) => {
  const directory = t.testdir({});
  const folders = new RunFolders(directory);
  const ids = Array.from({ length: 20 }, (_, at) => `run${at}`);
  await Promise.all(ids.map((id) => folders.keep(id, other)));
  t.same([...(await new RunFolders(directory).all()).keys()], ids);
});

t.test('only the last runs are kept', async (t) => {
  const directory = t.testdir({
    'run-folders.json': JSON.stringify(
      Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`run${at}`, other])),
    ),
  });
  const folders = new RunFolders(directory);
  await folders.keep('newest', one);
  const kept = await new RunFolders(directory).all();
  t.equal(kept.size, 500);
  t.notOk(kept.has('run0'));
  t.same(kept.get('newest'), one);
});

t.test('a folder of data that cannot be written is refused, and the advice names its variable', async (t) => {
  const directory = t.testdir({ file: '', folder: {} });
  const blocked = join(directory, 'file');
  const { app, get } = await temporaryExplorer(t, { stateFolder: blocked });
  const payload = { run: 'one', folder: '/srv/shop' };
  const answer = await app.inject({ method: 'POST', url: '/api/code-folder', payload });
  t.match(answer.json(), { code: 'FOLDER_NOT_WRITABLE', detail: /name another folder in DATA_DIR\.$/ });
  t.match((await get('/api/code-folder?run=one')).body, { folder: '/srv/shop' });
  // A folder where the file belongs: nothing replaces it.
  mkdirSync(join(directory, 'folder/run-folders.json/full'), { recursive: true });
  const folders = new RunFolders(join(directory, 'folder'));
  await t.rejects(folders.keep('one', one), { code: 'RUN_FOLDERS_NOT_READABLE' });
});
