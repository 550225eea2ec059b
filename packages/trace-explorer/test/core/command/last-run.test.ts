import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { keepLastRun, lastRunHere } from '../../../src/core/command/last-run.ts';

// Alone in its process: it changes the folder.
t.test('the last run is kept by folder and by command', async (t) => {
  const work = t.testdir({ other: {} });
  const { XDG_DATA_HOME: before } = process.env;
  const folder = process.cwd();
  t.teardown(() => {
    process.chdir(folder);
    if (before === undefined) delete process.env.XDG_DATA_HOME;
    else process.env.XDG_DATA_HOME = before;
  });
  process.env.XDG_DATA_HOME = join(work, 'home');
  mkdirSync(join(work, 'home'));
  process.chdir(work);
  keepLastRun({ id: 'first' }, 'npm test');
  keepLastRun({ id: 'second' }, 'npm run dev');
  t.equal(lastRunHere()?.id, 'second', 'the last of the folder');
  t.equal(lastRunHere('npm test')?.id, 'first');
  t.equal(lastRunHere('npm run dev')?.id, 'second');
  t.equal(lastRunHere('npm start'), undefined);
  process.chdir('other');
  t.equal(lastRunHere('npm test'), undefined);
});
