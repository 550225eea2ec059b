import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { encodeLogs, encodeTraces } from '@tandem/otlp';
import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { openStore } from '../../src/store/open-store.ts';
import { decoded, randomId, temporaryDirectory } from '../spans.ts';
import { promptOf, span } from './large-span.ts';

const RECEIVER = fileURLToPath(import.meta.resolve('./kill-receiver.ts'));

t.test('every acknowledged span and log record outlives a kill -9, again and again', async (t) => {
  const directory = temporaryDirectory(t);
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) {
    const child = spawn(process.execPath, [RECEIVER, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = await once(child.stdout, 'data');
    const base = `http://127.0.0.1:${String(port).trim()}`;
    const goal = acknowledged.length + 1_500;
    const senders = Array.from({ length: 4 }, async (_, sender) => {
      for (let batch = 0; batch < 1_000; batch++) {
        const ids = Array.from({ length: 50 }, () => randomId(16));
        // New fields in the middle of it all: the file's schema changes while the process dies.
        const attributes = { [`field.${round}.${sender}.${batch % 7}`]: batch };
        const items = ids.map((traceId) => ({ traceId, attributes }));
        const [path, body] =
          sender % 2 === 0
            ? ['/v1/traces', encodeTraces(decoded(items))]
            : ['/v1/logs', encodeLogs(decodedLogs(items))];
        const response = await fetch(base + path, {
          method: 'POST',
          body: Buffer.from(body),
          headers: { 'content-type': 'application/x-protobuf' },
        }).catch(() => undefined);
        if (response?.status !== 200) return;
        acknowledged.push(...ids);
        if (acknowledged.length >= goal) child.kill('SIGKILL');
      }
      throw new Error('1,000 batches were acknowledged, and the receiver still runs.');
    });
    await Promise.all(senders);
    t.equal(child.signalCode ?? (await once(child, 'exit'))[1], 'SIGKILL');
  }

  const store = await openStore({ directory });
  t.teardown(() => store.close());
  const { rows } = await store.read(`SELECT ${store.fields().get('trace.trace_id')?.sql} FROM spans`);
  const stored = new Set(rows.map(([id]) => id));
  t.ok(acknowledged.length >= 4_500);
  t.same(
    acknowledged.filter((id) => !stored.has(id)),
    [],
    'nothing that was acknowledged is missing',
  );
  const fields = await store.read(
    `SELECT ${[...store.fields().values()].map(({ sql }) => sql).join(', ')} FROM spans LIMIT 1`,
  );
  t.equal(fields.rows.length, 1, 'every field of the catalogue can be read');
});

/** From a kilobyte to a little below what a request may hold. */
const KIB = 1024;
const SIZES = [1, 4, 8, 16, 64, 256, 1_024, 4_096, 12_288, 20_480, 40_960, 61_440].map((size) => size * KIB);

t.test('a span of any accepted size outlives a kill -9 in the moment of its answer', async (t) => {
  const directory = temporaryDirectory(t);
  const answered: ReturnType<typeof span>[] = [];
  // Killed after the largest, and after the smallest while the store is still busy with the others.
  for (const sizes of [SIZES, SIZES.toReversed()]) {
    const child = spawn(process.execPath, [RECEIVER, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    const [port] = await once(child.stdout, 'data');
    for (const size of sizes) {
      const sent = span(size);
      const { status } = await fetch(`http://127.0.0.1:${String(port).trim()}/v1/traces`, {
        method: 'POST',
        body: Buffer.from(encodeTraces(decoded([sent]))),
        headers: { 'content-type': 'application/x-protobuf' },
      });
      t.equal(status, 200, `${size} bytes`);
      answered.push(sent);
    }
    child.kill('SIGKILL');
    t.equal((await once(child, 'exit'))[1], 'SIGKILL');
  }
  const store = await openStore({
    directory,
    onMovedAside: (_, error) => t.fail('the store was moved aside', { error }),
  });
  t.teardown(() => store.close());
  for (const each of answered) {
    const prompt = await promptOf(store, each);
    t.ok(
      prompt === each.attributes?.prompt,
      `${String(each.attributes?.prompt).length} bytes, as they were sent`,
    );
  }
});
