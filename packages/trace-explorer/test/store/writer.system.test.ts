import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { closeDatabase, connect, createTables, openDatabase } from '../../src/store/database.ts';
import { Journal } from '../../src/store/journal/journal.ts';
import { loadState } from '../../src/store/state.ts';
import { Writer } from '../../src/store/writer.ts';
import { decoded, temporaryDirectory } from '../spans.ts';

/** A writer over a database that the test can break under it. */
async function writerOver(t: Test, { rowGroupRows = 32_768 } = {}) {
  const directory = temporaryDirectory(t);
  const instance = await openDatabase(directory, { memoryMb: 128, maxBytes: 1e9 });
  t.teardown(() => closeDatabase(instance, directory));
  const connection = await connect(instance);
  await createTables(connection);
  const state = await loadState(connection, { maxColumns: 100, memoryMb: 128 });
  const journal = await Journal.open(directory);
  const commits: number[] = [];
  const lost: number[] = [];
  let stalled: unknown;
  const writer = new Writer({
    connection,
    ...state,
    journal,
    rowGroupRows,
    transactionBytes: 32e6,
    tryAgainMs: 5,
    noCheckpoint: async () => {},
    afterSchemaChange: async () => {},
    onRows: (rows) => commits.push(rows),
    onWritten: () => {},
    onCommitted: () => {},
    onRewritten: async () => {},
    onDropped: () => {},
    diskFull: () => undefined,
    onJournal: () => {},
    onLost: (count) => lost.push(count),
    onDamage: () => t.fail('the journal is damaged'),
    onStalled: (error) => {
      stalled = error;
    },
  });
  const others = await connect(instance);
  t.teardown(async () => {
    others.closeSync();
    await writer.close();
    await journal.close();
  });
  const name = state.catalogue.fields.get('name')?.column;
  const names = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    void writer.visible().then(resolve);
    await promise;
    return (await others.runAndReadAll(`SELECT ${name} FROM spans ORDER BY _seq`)).getRows().flat();
  };
  return { writer, journal, others, commits, lost, names, stalled: () => stalled };
}

const spans = (count: number, name: string) =>
  decoded(Array.from({ length: count }, (_, index) => ({ name: `${name} ${index}` })));

t.test('transactions are as large as row groups, and no row is in two', async (t) => {
  const { writer, commits, names } = await writerOver(t, { rowGroupRows: 2_048 });
  // Columns and scope are there already: what follows are rows alone.
  await writer.write(spans(1, 'first'));
  await writer.visible();
  commits.length = 0;
  await Promise.all(Array.from({ length: 10 }, (_, index) => writer.write(spans(700, `${index}`))));
  t.equal((await names()).length, 7_001);
  t.same(commits.slice(0, 3), [2_048, 2_048, 2_048]);
  t.equal(
    commits.reduce((sum, rows) => sum + rows, 0),
    7_000,
  );
});

t.test('rows are visible soon without a reader, and at once with one', async (t) => {
  const { writer, others, names } = await writerOver(t);
  await Promise.all(Array.from({ length: 4 }, (_, index) => writer.write(spans(500, `${index}`))));
  await until(async () => {
    const counted = await others.runAndReadAll('SELECT count(*)::INTEGER FROM spans');
    return counted.getRows()[0]?.[0] === 2_000;
  });
  await writer.write(spans(1, 'last'));
  t.equal((await names()).length, 2_001);
});

t.test(
  'while the database takes no rows, what was acknowledged waits in the journal, and comes whole',
  async (t) => {
    const { writer, others, lost, names, stalled } = await writerOver(t);
    await writer.write(spans(2, 'before'));
    await names();
    await others.run('ALTER TABLE spans RENAME TO elsewhere');
    t.match(await writer.write(spans(3, 'acknowledged')), { items: 3 });
    t.match(stalled(), Error);
    await t.rejects(writer.write(spans(1, 'refused')), 'nothing more is taken');
    await others.run('ALTER TABLE elsewhere RENAME TO spans');
    await until(() => stalled() === undefined);
    await writer.write(spans(1, 'after'));
    t.same(await names(), [
      'before 0',
      'before 1',
      'acknowledged 0',
      'acknowledged 1',
      'acknowledged 2',
      'after 0',
    ]);
    t.same(lost, []);
  },
);

t.test('what fails for ever is left out in the end, told of, and in the way of nobody', async (t) => {
  const { writer, others, lost, names } = await writerOver(t);
  await writer.write(spans(1, 'before'));
  await names();
  await others.run('ALTER TABLE spans RENAME TO elsewhere');
  await writer.write(spans(3, 'hopeless'));
  await until(() => lost.length > 0);
  t.same(lost, [3]);
  await others.run('ALTER TABLE elsewhere RENAME TO spans');
  await until(() =>
    writer.write(spans(1, 'after')).then(
      () => true,
      () => false,
    ),
  );
  t.same(await names(), ['before 0', 'after 0']);
});
