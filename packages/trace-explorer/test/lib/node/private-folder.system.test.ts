import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { canMount, makeVolume } from '../../../../../test/helpers/volume.ts';
import { makePrivateDataFolder } from '../../../src/lib/node/private-folder.ts';

if (await canMount())
  t.test('a file system that is read-only is named', async (t) => {
    const volume = await makeVolume(1);
    t.teardown(() => volume.remove());
    const there = join(volume.directory, 'there');
    mkdirSync(there);
    await volume.makeReadOnly(true);
    for (const path of [there, join(volume.directory, 'new')])
      t.throws(() => makePrivateDataFolder(path), { message: `${path}: its file system is read-only.` });
  });
