import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { encodeTraces } from '@tandem/otlp';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { buildReceiver } from '../../../../src/core/receiver/build-receiver.ts';
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
    const refused = { code: 'STORE_GONE', status: 503, message: /\.journal is gone.* somebody removed/u };
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
  t.match(failures, [/explorer\.duckdb is gone/u]);
  t.ok((await namesAfterKill(t, directory)).includes('before'), 'what the journal has is there');
});

t.test('the database is removed: nothing more is written to it', async (t) => {
  const directory = temporaryDirectory(t);
  const { store, reopened } = await openWatchedStore(t, directory, { maxBytes: 4_000_000 });
  const many = decoded(Array.from({ length: 1_000 }, () => ({ name: 'after' })));
  await store.write(many);
  await store.read('SELECT 1');
  const removed = openSync(join(directory, FILE_NAME), 'r');
  t.teardown(() => closeSync(removed));
  rmSync(join(directory, FILE_NAME));
  const bytes = readFileSync(removed);
  await until(async () => {
    await store.write(many).catch(() => {});
    return reopened() > 0;
  });
  t.equal(fstatSync(removed).size, bytes.byteLength);
  const now = Buffer.alloc(bytes.byteLength);
  readSync(removed, now, 0, now.byteLength, 0);
  t.ok(now.equals(bytes), 'and nothing in it has changed');
});

for (const how of ['removed', 'moved away'] as const)
  t.test(
    `the folder is ${how}, and another explorer starts there: the first refuses at once, says why, and leaves the other alone`,
    async (t) => {
      const directory = temporaryDirectory(t);
      const { store, failures } = await openWatchedStore(t, directory, { maxBytes: 4_000_000 });
      const app = await buildReceiver({ store });
      t.teardown(() => app.close());
      await storeSpans(store, [{ name: 'before' }]);
      const away = `${directory}-away`;
      t.teardown(() => rmSync(away, { recursive: true, force: true }));
      if (how === 'removed') rmSync(directory, { recursive: true });
      else renameSync(directory, away);
      const theirs = await startReceiver(t, directory);
      const body = Buffer.from(encodeTraces(decoded([{ name: 'of the first' }])));
      const headers = { 'content-type': 'application/x-protobuf' };
      for (let n = 0; n < 3; n++) {
        const answer = await app.inject({ method: 'POST', url: '/v1/traces', headers, payload: body });
        t.equal(answer.statusCode, 503);
        t.ok(Number(answer.headers['retry-after']) > 0);
        t.match(answer.body, /somebody removed/u);
      }
      const sent = { method: 'POST', headers, body: encodeTraces(decoded([{ name: 'of the other' }])) };
      const taken = await fetch(`http://127.0.0.1:${theirs.port}/v1/traces`, sent as RequestInit);
      t.equal(taken.status, 200, 'the other one takes spans');
      // What the first has in memory goes nowhere.
      await store.read('SELECT count(*) FROM spans').catch(() => {});
      await until(() => failures.length > 0);
      await theirs.kill();
      t.same(await namesAfterKill(t, directory), ['of the other']);
      if (how === 'moved away') t.same(await namesAfterKill(t, away), ['before']);
    },
  );

/** Another explorer, in a process of its own. */
async function startReceiver(t: Test, directory: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kill-receiver.ts'), directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  t.teardown(kill);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const port = await until(() => /^(\d+)\n/u.exec(said)?.[1], {
    what: 'the other explorer',
    limitMs: 180_000,
  });
  return { port, kill };
}
