import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { Journal } from '../../../../src/core/store/journal/journal.ts';
import { FILE_NAME } from '../../../../src/core/store/table/database.ts';
import { decoded, storeSpans, temporaryDirectory } from '../../../spans.ts';
import { afterKill } from '../large-span.ts';
import { openWatchedStore } from '../watched-store.ts';

/** The names of the spans that a kill leaves. */
async function namesAfterKill(t: Test, directory: string): Promise<unknown[]> {
  const store = await afterKill(t, directory, { onLost: () => {} });
  return (await store.read(`SELECT ${store.fields().get('name')?.sql} FROM spans ORDER BY _seq`)).rows.flat();
}

t.test(
  'the journal is removed: the next request is refused by name, and those after it are safe',
  async (t) => {
    const directory = temporaryDirectory(t);
    const { store, failures } = await openWatchedStore(t, directory);
    await storeSpans(store, [{ name: 'before' }]);
    for (const name of readdirSync(directory)) if (name.endsWith('.journal')) rmSync(join(directory, name));
    const refused = { message: /\.journal is gone: somebody removed it while the explorer ran/u };
    await t.rejects(store.write(decoded([{ name: 'refused' }])), refused);
    t.match(failures, [/^writing: .* is gone/u]);
    await storeSpans(store, [{ name: 'after' }]);
    t.same(await namesAfterKill(t, directory), ['after']);
  },
);

t.test('the database is removed: the next checkpoint says so, and a new one is begun', async (t) => {
  const directory = temporaryDirectory(t);
  // Little enough that a request or two are folded into the file.
  const { store, failures, reopened } = await openWatchedStore(t, directory, { maxBytes: 4_000_000 });
  await storeSpans(store, [{ name: 'before' }]);
  rmSync(join(directory, FILE_NAME));
  const many = decoded(Array.from({ length: 1_000 }, () => ({ name: 'after' })));
  await until(async () => {
    await store.write(many).catch(() => {});
    return reopened() > 0;
  });
  t.match(failures, [/ENOENT.*explorer\.duckdb/u]);
  t.ok((await namesAfterKill(t, directory)).includes('before'), 'what the journal has is there');
});

for (const how of ['removed', 'moved away'] as const)
  t.test(
    `the folder is ${how}, and another explorer starts there: the first refuses, and says why`,
    async (t) => {
      const directory = temporaryDirectory(t);
      const { store, failures } = await openWatchedStore(t, directory, { maxBytes: 4_000_000 });
      await storeSpans(store, [{ name: 'before' }]);
      if (how === 'removed') rmSync(directory, { recursive: true });
      else renameSync(directory, `${directory}-away`);
      if (how === 'moved away')
        t.teardown(() => rmSync(`${directory}-away`, { recursive: true, force: true }));
      mkdirSync(directory);
      // DuckDB's lock is one of processes: another process would open the file as well.
      const theirs = await Journal.open(directory);
      const body = Buffer.from('of the other explorer');
      await theirs.append([{ signal: 'traces', seq: 1, rows: 1, received: Date.now(), body }]);
      const before = readdirSync(directory);
      const answers: unknown[] = [];
      const many = decoded(Array.from({ length: 500 }, () => ({ name: 'after' })));
      for (let n = 0; n < 10; n++) {
        const answer = await store.write(many).then(
          () => 'taken',
          (error: unknown) => error,
        );
        answers.push(answer);
      }
      if (how === 'removed') t.notOk(answers.includes('taken'));
      t.match(answers.at(-1), { status: 503 });
      await until(() =>
        failures.some((said) => /is not the folder any more|is gone|ENOENT|another file/u.test(said)),
      );
      t.same(readdirSync(directory), before, 'nothing is written there');
      await theirs.close();
    },
  );
