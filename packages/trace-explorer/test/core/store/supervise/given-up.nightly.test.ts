import { closeSync, openSync, readdirSync, readlinkSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { canMount, makeVolume } from '../../../../../../test/helpers/volume.ts';
import { Failure } from '../../../../src/core/failures.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { Database } from '../../../../src/core/store/table/database.ts';
import { decoded, storeSpans, temporaryDirectory, WHOLE_FILE } from '../../../spans.ts';
import { afterKill, MEMORY_MB, promptOf, span } from '../large-span.ts';
import { afterNextLook } from '../next-look.ts';
import { openWatchedStore } from '../watched-store.ts';

const TIMEOUT_MS = 240_000;
/** Of DuckDB's files as the store makes them. */
const BLOCK_BYTES = 32_768;
const FILE_HEADERS_BYTES = 3 * 4_096;
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
      const { store, failures, reopened } = await openWatchedStore(t, directory);
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
      store.onChange((written) => {
        if (written === undefined) deletions.push(taken.length);
      });
      await write(10);
      afterNextLook(t, () => volume.fill());
      const failure = await until(async () => {
        await isTaken(200_000);
        return failures.find((each) => each.startsWith('reopening'));
      });
      t.match(failure, /invalidated/u, 'DuckDB has given up the file');
      // A checkpoint is due after 3.2 MB, a tenth of the memory: on a slow machine after 13 of these spans.
      t.ok(taken.length > 10, `${taken.length} spans were acknowledged`);
      const acknowledged = taken.length;
      const copy = await afterKill(t, directory, { memoryMb: MEMORY_MB });
      t.equal(await count(copy), acknowledged, 'a kill in this moment loses nothing');

      // On the full disk as well: what there is can be read, and nothing more is taken.
      t.equal(await until(() => count(store)), taken.length);
      await until(async () => !(await isTaken(10)));
      t.match(store.stats().notices, [/disk .* is full/u]);
      t.equal(reopened(), 1);
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

t.test(
  'a damaged block is found by a checkpoint: nothing more is taken, and the notice says what to do',
  async (t) => {
    const directory = temporaryDirectory(t);
    const first = await openStore({ directory, ...WHOLE_FILE });
    await storeSpans(
      first,
      Array.from({ length: 40 }, () => span(50_000)),
    );
    await first.close();
    const file = join(directory, 'explorer.duckdb');
    damage(file, await blockOfParts(directory));
    const store = await openStore({ directory, maxBytes: 8 * 1024 ** 2, maintenanceIntervalMs: 500 });
    t.teardown(() => store.close());
    t.equal(await count(store), 40, 'a damaged block is not noticed when the store is opened');
    const sent: ReturnType<typeof span>[] = [];
    const take = async () => {
      const next = span(50_000);
      await storeSpans(store, [next]);
      sent.push(next);
    };
    await until(() => take().then(undefined, () => store.stats().notices.length > 0));
    const notice = await until(() => store.stats().notices.find((each) => each.includes('remove the file')));
    t.match(notice, /opens again.*explorer.duckdb.*Corrupt database file/su);
    await t.rejects(take(), { code: 'STORE_DAMAGED' });
    await store.close();

    rmSync(file);
    const again = await openStore({ directory });
    t.teardown(() => again.close());
    const last = sent.at(-1);
    t.ok(
      last && (await promptOf(again, last)) === last.attributes?.prompt,
      'the journal has what was acknowledged since',
    );
  },
);

/** A block with nothing but parts of large spans, in bytes from the file's start. */
async function blockOfParts(directory: string): Promise<number> {
  const database = await Database.open({ directory, memoryMb: MEMORY_MB }, 32_768);
  const connection = await database.connect();
  const found = await connection.runAndReadAll(
    "SELECT max(block) FROM (SELECT unnest(additional_block_ids) AS block FROM pragma_storage_info('parts'))",
  );
  database.close();
  return FILE_HEADERS_BYTES + Number(found.getRows()[0]?.[0]) * BLOCK_BYTES;
}

function damage(path: string, position: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, position);
  closeSync(file);
}

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
    if (error instanceof Failure && error.retryAfterSeconds !== undefined) return undefined;
    throw error;
  }
}
