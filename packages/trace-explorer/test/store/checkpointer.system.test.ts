import t from 'tap';
import { Checkpointer } from '../../src/store/checkpointer.ts';
import { Failures } from '../../src/store/failures.ts';
import { decoded } from '../spans.ts';
import { openWriter } from './open-writer.ts';

/** A checkpointer whose checkpoints are counted, and end when they are told to. */
function counted() {
  const ends: ((error?: Error) => void)[] = [];
  const checkpoint = () =>
    new Promise<void>((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
  const failures = new Failures();
  const checkpointer = new Checkpointer(checkpoint, 1e9, failures);
  return { checkpointer, ends, failures };
}

t.test('a checkpoint starts after many rows, and in wide tables after as many cells', async (t) => {
  for (const [rows, columns] of [
    [50_000, 60],
    [4_000, 2_000],
    [16_000, 500],
  ] as const) {
    const { checkpointer, ends } = counted();
    checkpointer.committed(rows - 1, 0, columns);
    t.equal(ends.length, 0, `${rows - 1} rows of ${columns} columns`);
    checkpointer.committed(1, 0, columns);
    t.equal(ends.length, 1, `${rows} rows of ${columns} columns`);
    checkpointer.committed(rows, 0, columns);
    t.equal(ends.length, 1, 'one at a time');
    ends[0]?.();
    await checkpointer.idle();
    checkpointer.committed(1, 0, columns);
    t.equal(ends.length, 2, 'what came meanwhile counts for the next');
  }
});

t.test('who needs a checkpoint gets it as soon as no transaction is in its way', async (t) => {
  let tries = 0;
  const checkpoint = async () => {
    if (++tries < 3) throw new Error('Cannot CHECKPOINT: there are other write transactions active.');
    if (tries > 3) throw new Error('No space left on device');
  };
  const checkpointer = new Checkpointer(checkpoint, 1e9, new Failures());
  await checkpointer.run();
  t.equal(tries, 3);
  await t.rejects(checkpointer.run(), { message: 'No space left on device' }, 'another failure is one');
});

t.test('rows are written when no checkpoint runs, which would hold up everybody', async (t) => {
  let running: Promise<void> | undefined;
  const { writer, others } = await openWriter(t, { noCheckpoint: async () => running });
  // Columns and scope are there already: what follows are rows alone.
  await writer.write(decoded([{ name: 'first' }]));
  await writer.visible();
  const { promise, resolve } = Promise.withResolvers<void>();
  running = promise;
  const written = writer.write(decoded([{ name: 'second' }]));
  const count = async () => (await others.runAndReadAll('SELECT count(*) FROM spans')).getRows();
  for (let look = 0; look < 5; look++) t.same(await count(), [[1n]]);
  resolve();
  await written;
  await writer.visible();
  t.same(await count(), [[2n]]);
});

t.test('a checkpoint that fails is shown, unless a transaction was only in its way', async (t) => {
  const { checkpointer, ends, failures } = counted();
  const fail = async (message: string | undefined) => {
    checkpointer.committed(50_000, 0, 60);
    ends.at(-1)?.(message === undefined ? undefined : new Error(message));
    await checkpointer.idle();
    await new Promise((resolve) => setImmediate(resolve));
    return failures.notices();
  };
  t.same(await fail('Cannot CHECKPOINT: there are other write transactions active. Try using'), []);
  t.match(await fail('No space left on device'), [/No space left on device/u]);
  t.same(await fail(undefined), [], 'the next one succeeded');
});
