import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { encodeTraces } from '@tandem/otlp';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { buildReceiver } from '../../../../src/core/receiver/build-receiver.ts';
import { decoded, temporaryDirectory } from '../../../spans.ts';
import { afterKill, MEMORY_MB, promptOf, span } from '../large-span.ts';
import { openWatchedStore } from '../watched-store.ts';

/** Spans of the transaction, more than wait in the appender before DuckDB knows of any, and the bytes of each. */
const SPANS = 9_000;
const BYTES = 400;
const MOST_KB = MEMORY_MB * 1_000;
const TIMEOUT_MS = 240_000;

t.setTimeout(TIMEOUT_MS);
t.test('a commit for which there is no memory: the file is opened anew, and nothing is lost', async (t) => {
  t.setTimeout(TIMEOUT_MS);
  const instances = watchInstances(t);
  const directory = temporaryDirectory(t);
  const { store, failures, reopened } = await openWatchedStore(t, directory);
  const app = await buildReceiver({ store });
  t.teardown(() => app.close());
  const post = (sent: ReturnType<typeof span>) =>
    app.inject({
      method: 'POST',
      url: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf' },
      payload: Buffer.from(encodeTraces(decoded([sent]))),
    });
  await store.write(decoded([span(10)]));
  const count = async () => Number((await store.read('SELECT count(*) FROM spans')).rows[0]?.[0]);
  t.equal(await count(), 1);

  const spans = Array.from({ length: SPANS }, () => span(BYTES));
  const isOver = aroundNextCommit(t, async () => {
    const connection = await (instances.at(-1) as DuckDBInstance).connect();
    const leave = (kilobytes: number) => connection.run(`SET GLOBAL memory_limit = '${kilobytes}KB'`);
    let kilobytes = MOST_KB;
    // As little as it can do with: less is refused.
    await until(() => {
      kilobytes = Math.floor(kilobytes * 0.8);
      return leave(kilobytes).then(
        () => false,
        () => true,
      );
    });
    return async () => {
      await leave(MOST_KB);
      connection.closeSync();
    };
  });
  await store.write(decoded(spans));
  let acknowledged = 1 + SPANS;
  await until(isOver);
  const answers: Awaited<ReturnType<typeof post>>[] = [];
  await until(
    async () => {
      const answer = await post(span(10));
      answers.push(answer);
      if (answer.statusCode === 200) acknowledged++;
      return reopened() > 0 && answer.statusCode === 200;
    },
    { everyMs: 50, what: () => `the file is opened anew; ${failures}` },
  );
  t.equal(reopened(), 1);
  t.match(failures[0], /Failed to commit: failed to pin/u, 'DuckDB says no more, and keeps the transaction');
  const refused = answers.filter(({ statusCode }) => statusCode !== 200);
  t.ok(refused.length > 0);
  for (const { statusCode, headers, body } of refused) {
    t.equal(statusCode, 503, body);
    t.equal(headers['retry-after'], '2');
  }
  t.equal(
    await until(() => count().catch(() => undefined)),
    acknowledged,
    'all that was acknowledged is there',
  );
  for (const sent of [spans[0], spans.at(-1)])
    t.equal(sent && (await promptOf(store, sent)), sent?.attributes?.prompt, 'whole');
  t.same(store.stats().notices, []);
  const copy = await afterKill(t, directory, { memoryMb: MEMORY_MB });
  t.equal(
    Number((await copy.read('SELECT count(*) FROM spans')).rows[0]?.[0]),
    acknowledged,
    'and after a kill',
  );
});

/** The databases that are opened from now on. */
function watchInstances(t: Test): readonly DuckDBInstance[] {
  const { create } = DuckDBInstance;
  const instances: DuckDBInstance[] = [];
  t.teardown(() => Reflect.set(DuckDBInstance, 'create', create));
  Reflect.set(DuckDBInstance, 'create', async (...given: Parameters<typeof create>) => {
    const instance = await create.apply(DuckDBInstance, given);
    instances.push(instance);
    return instance;
  });
  return instances;
}

/** Does something right before the next commit, and undoes it after that, as other queries may. Returns whether it is done. */
function aroundNextCommit(t: Test, task: () => Promise<() => Promise<void>>): () => boolean {
  const { run } = DuckDBConnection.prototype;
  let isDone = false;
  const restore = () => Reflect.set(DuckDBConnection.prototype, 'run', run);
  t.teardown(restore);
  DuckDBConnection.prototype.run = async function (this: DuckDBConnection, ...given: Parameters<typeof run>) {
    if (given[0] !== 'COMMIT') return run.apply(this, given);
    restore();
    const undo = await task();
    try {
      return await run.apply(this, given);
    } finally {
      await undo();
      isDone = true;
    }
  };
  return () => isDone;
}
