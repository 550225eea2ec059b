import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { nextTurn } from '../../src/shared/next-turn.ts';
import { decoded } from '../spans.ts';
import { openWriter } from './open-writer.ts';

/** A writer over a database that the test can break under it. */
async function writerOver(t: Test, { rowGroupRows = 32_768 } = {}) {
  const commits: number[] = [];
  const lost: number[] = [];
  let stalled: unknown;
  const { writer, state, connection, others } = await openWriter(t, {
    rowGroupRows,
    tryAgainMs: 5,
    onRows: (rows) => commits.push(rows),
    onLost: (count) => lost.push(count),
    onDamage: () => t.fail('the journal is damaged'),
    onStalled: (error) => {
      stalled = error;
    },
  });
  const name = state.catalogue.fields.get('name')?.column;
  const names = async () => {
    await writer.visible();
    return (await others.runAndReadAll(`SELECT ${name} FROM spans ORDER BY _seq`)).getRows().flat();
  };
  /** Runs something before the next commit. */
  const beforeCommit = (task: () => Promise<unknown>) => {
    const run = connection.run.bind(connection);
    connection.run = async (sql, ...values) => {
      if (sql !== 'COMMIT') return run(sql, ...values);
      connection.run = run;
      await task();
      return run(sql, ...values);
    };
  };
  return { writer, others, beforeCommit, commits, lost, names, stalled: () => stalled };
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

t.test('rows are committed soon without a reader, and at once with one', async (t) => {
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
    await until(() => stalled() instanceof Error);
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

t.test(
  'while a full transaction is being committed, the next one is taken, and readers see both',
  async (t) => {
    const { writer, beforeCommit, commits, names } = await writerOver(t, { rowGroupRows: 2_048 });
    await writer.write(spans(1, 'first'));
    await writer.visible();
    const { promise: committing, resolve: commit } = Promise.withResolvers<void>();
    beforeCommit(() => committing);
    await writer.write(spans(2_048, 'full'));
    await writer.write(spans(10, 'next'));
    t.same(commits, [1], 'the full one waits');
    const reading = names();
    commit();
    t.equal((await reading).length, 2_059);
    t.same(commits, [1, 2_048, 10]);
  },
);

t.test(
  'when the commit of a full transaction fails, it and what came meanwhile are written again',
  async (t) => {
    const { writer, others, beforeCommit, lost, names, stalled } = await writerOver(t, {
      rowGroupRows: 2_048,
    });
    await writer.write(spans(1, 'first'));
    await names();
    beforeCommit(() => others.run('ALTER TABLE spans RENAME TO elsewhere'));
    await writer.write(spans(2_048, 'full'));
    await writer.write(spans(2, 'next'));
    await until(() => stalled() instanceof Error);
    await others.run('ALTER TABLE elsewhere RENAME TO spans');
    await until(() => stalled() === undefined);
    const written = await names();
    t.equal(written.length, 2_051);
    t.same([written[1], ...written.slice(-2)], ['full 0', 'next 0', 'next 1']);
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

t.test(
  'columns that become another type are widened one by one, and others are written between them',
  async (t) => {
    const { writer, names } = await writerOver(t);
    const fields = Array.from({ length: 30 }, (_, n) => `field.${n}`);
    const withFields = (name: string, value: number | string) =>
      decoded([{ name, attributes: Object.fromEntries(fields.map((field) => [field, value])) }]);
    await writer.write(withFields('numbers', 1));
    await writer.visible();
    const order: string[] = [];
    const ended = (name: string) => () => void order.push(name);
    const widening = writer.write(withFields('texts', 'one')).then(ended('texts'));
    // Taken, so that what comes now does not join it.
    await nextTurn();
    await nextTurn();
    const quick = writer.write(spans(500, 'quick')).then(ended('quick'));
    await Promise.all([widening, quick]);
    t.same(order, ['quick', 'texts']);
    t.equal((await names()).length, 502);
  },
);
