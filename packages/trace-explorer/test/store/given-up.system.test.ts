import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { canMount, makeVolume } from '../../../../scripts/lib/chaos/volume.ts';
import { until } from '../../../../test/helpers/until.ts';
import { StoreBusyError } from '../../src/store/errors.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { SpanStore } from '../../src/store/types.ts';
import { decoded } from '../spans.ts';
import { afterKill, MEMORY_MB, promptOf, span } from './large-span.ts';
import { afterNextLook } from './next-look.ts';

const TIMEOUT_MS = 240_000;
/** Room for what `MEMORY_MB` lets wait in the journal, and for a checkpoint of it. */
const VOLUME_MIB = 100;

t.setTimeout(TIMEOUT_MS);
if (await canMount())
  t.test(
    'another process takes the last room during a checkpoint: nothing is lost, and the store goes on by itself',
    async (t) => {
      t.setTimeout(TIMEOUT_MS);
      const volume = await makeVolume(VOLUME_MIB);
      t.teardown(() => volume.remove());
      const directory = join(volume.directory, 'explorer');
      const file = join(directory, 'explorer.duckdb');
      const failures: string[] = [];
      let reopened = 0;
      const store = await openStore({
        directory,
        memoryMb: MEMORY_MB,
        onFailure: (task, error) => failures.push(`${task}: ${error}`),
        onLost: (sentence) => t.fail(sentence),
        onReopened: () => reopened++,
        onMovedAside: () => t.fail('the store was moved aside'),
      });
      t.teardown(() => store.close());
      const taken: ReturnType<typeof span>[] = [];
      const write = async (bytes: number) => {
        const sent = span(bytes);
        await store.write(decoded([sent]));
        taken.push(sent);
      };
      const isTaken = (bytes: number) =>
        write(bytes).then(
          () => true,
          () => false,
        );
      const deletions: number[] = [];
      store.onDeleted(() => deletions.push(taken.length));
      await write(10);
      afterNextLook(t, () => volume.fill());
      const failure = await until(async () => {
        await isTaken(200_000);
        return failures.find((each) => each.startsWith('checkpoint'));
      });
      t.match(failure, /invalidated/u, 'DuckDB has given up the file');
      t.ok(taken.length > 50, `${taken.length} spans were acknowledged`);
      const acknowledged = taken.length;
      const copy = await afterKill(t, directory, { memoryMb: MEMORY_MB });
      t.equal(await count(copy), acknowledged, 'a kill in this moment loses nothing');

      // On the full disk as well: what there is can be read, and nothing more is taken.
      t.equal(await until(() => count(store)), taken.length);
      await until(async () => !(await isTaken(10)));
      t.match(store.stats().notices, [/disk .* is full/u]);
      t.equal(reopened, 1);
      t.same(deletions, [taken.length], 'whoever follows the store is told to read it again');

      volume.empty();
      await until(() => isTaken(200_000), { everyMs: 100 });
      t.same(store.stats().notices, []);
      t.equal(await count(store), taken.length);
      for (const each of [taken[1], taken.at(-2), taken.at(-1)])
        t.ok(each && (await promptOf(store, each)) === each.attributes?.prompt, 'whole');
      t.equal(openFiles(file), 1, 'the file is open once: what was given up was let go of');
      await store.close();
      t.equal(openFiles(file), 0);
      const again = await openStore({
        directory,
        memoryMb: MEMORY_MB,
        onLost: (sentence) => t.fail(sentence),
      });
      t.teardown(() => again.close());
      t.equal(await count(again), taken.length, 'after a restart');
    },
  );

/** How often this process has a file open. */
function openFiles(file: string): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd));
    } catch {
      return ''; // closed meanwhile
    }
  });
  return links.filter((link) => link === file).length;
}

/** Rows of the store; undefined while it asks to come later. */
async function count(store: SpanStore): Promise<number | undefined> {
  try {
    return Number((await store.read('SELECT count(*) FROM spans')).rows[0]?.[0]);
  } catch (error) {
    if (error instanceof StoreBusyError) return undefined;
    throw error;
  }
}
