import { cpSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { FILE_NAME } from '../../src/store/database.ts';
import { StoreReopeningError } from '../../src/store/errors.ts';
import { openStore } from '../../src/store/open-store.ts';
import { decoded, temporaryDirectory } from '../spans.ts';
import { afterKill } from './large-span.ts';

/** What people do to a folder whose explorer they forgot. */
const CASES: Readonly<Record<string, { readonly act: (directory: string) => void; readonly kept: boolean }>> =
  {
    'the folder is removed': { act: (directory) => rmSync(directory, { recursive: true }), kept: false },
    'the folder is moved away': {
      act: (directory) => renameSync(directory, `${directory}-old`),
      kept: false,
    },
    'the journal is removed': {
      act: (directory) => {
        for (const name of readdirSync(directory))
          if (name.endsWith('.journal')) rmSync(join(directory, name));
      },
      kept: true,
    },
    'the database is removed': { act: (directory) => rmSync(join(directory, FILE_NAME)), kept: true },
    'the database is replaced by a copy': {
      act: (directory) => {
        cpSync(join(directory, FILE_NAME), join(directory, 'copy'));
        renameSync(join(directory, 'copy'), join(directory, FILE_NAME));
      },
      kept: true,
    },
  };

for (const [name, { act, kept }] of Object.entries(CASES))
  t.test(`${name}: it is said, and what is acknowledged from then on is there after a kill`, async (t) => {
    const directory = join(temporaryDirectory(t), 'explorer');
    const told: unknown[] = [];
    let reopened = 0;
    const store = await openStore({
      directory,
      maintenanceIntervalMs: 50,
      onFailure: (_, error) => told.push(error),
      onReopened: () => reopened++,
    });
    t.teardown(() => store.close());
    await store.write(decoded([{ name: 'before' }]));
    act(directory);
    const isTaken = () =>
      store.write(decoded([{ name: 'after' }])).then(
        () => reopened > 0,
        (error) => {
          if (!(error instanceof StoreReopeningError)) throw error;
          return false;
        },
      );
    await until(isTaken, { everyMs: 20 });
    t.match(told, [
      { name: 'StoreGoneError', message: /was removed or replaced while the explorer was running/ },
    ]);
    const after = await afterKill(t, directory);
    const column = after.fields().get('name')?.sql;
    const { rows } = await after.read(`SELECT DISTINCT ${column} FROM spans ORDER BY 1`);
    t.same(rows.flat(), kept ? ['after', 'before'] : ['after']);
  });
