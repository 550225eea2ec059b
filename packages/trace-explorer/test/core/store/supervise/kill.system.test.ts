import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { encodeLogs, encodeTraces } from '@tandem/otlp';
import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { deadlineIn } from '../../../../src/lib/time/deadline.ts';
import { decoded, randomId, temporaryDirectory } from '../../../spans.ts';
import { noise, promptOf, span } from '../large-span.ts';

// At night too: with more kills.

const RECEIVER = fileURLToPath(import.meta.resolve('./kill-receiver.ts'));
/** Kills of a run, at random moments. */
const ROUNDS = IS_NIGHT ? 45 : 1;
/** Bytes, so few that there are checkpoints and full transactions in so short a life. */
const SMALL_STORE = 120 * 1024 ** 2;
/** A process is killed after so many acknowledgements of its life, and some milliseconds. */
const MAX_BATCHES = 60;
const MAX_MS = 60;

/** As senders pack what they send, in turn. */
const CODINGS = [
  [undefined, (bytes: Uint8Array) => Buffer.from(bytes)],
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['zstd', zstdCompressSync],
] as const;

/** What a sender sends: spans or log records, some of them large, and fields that no one has sent before. */
function batchOf(round: number, sender: number, batch: number) {
  const count = [1, 50, 400][batch % 3] ?? 1;
  const bytes = sender === 0 && batch % 4 === 1 ? 3_500_000 : batch % 5 === 0 ? 9_000 : 10;
  const ids = Array.from({ length: bytes > 1e6 ? 1 : count }, () => randomId(16));
  const text = noise(bytes);
  const attributes = { [`field.${round}.${sender}.${batch % 7}`]: batch, text };
  const items = ids.map((traceId, index) => ({ traceId, attributes: index < 5 ? attributes : {} }));
  const [coding, pack] = CODINGS[batch % CODINGS.length] ?? CODINGS[0];
  const headers = {
    'content-type': 'application/x-protobuf',
    ...(coding !== undefined && { 'content-encoding': coding }),
  };
  return sender % 2 === 0
    ? { ids, path: '/v1/traces', headers, body: pack(encodeTraces(decoded(items))) }
    : { ids, path: '/v1/logs', headers, body: pack(encodeLogs(decodedLogs(items))) };
}

t.setTimeout(60_000 + ROUNDS * 20_000);
t.test('what was acknowledged outlives kills at any moment, each item once', async (t) => {
  const directory = temporaryDirectory(t);
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const child = spawn(process.execPath, [RECEIVER, directory, String(SMALL_STORE)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = await once(child.stdout, 'data');
    const base = `http://127.0.0.1:${String(port).trim()}`;
    const moment = { batches: randomInt(1, MAX_BATCHES), ms: randomInt(MAX_MS) };
    t.comment(`killed ${moment.ms} ms after ${moment.batches} batches`);
    let batches = 0;
    const senders = Array.from({ length: 5 }, async (_, sender) => {
      for (let batch = 0; batch < 1_000; batch++) {
        const { ids, path, headers, body } = batchOf(round, sender, batch);
        const response = await fetch(base + path, { method: 'POST', body, headers }).catch(() => undefined);
        if (response === undefined) return;
        if (response.status === 200) acknowledged.push(...ids);
        if (++batches === moment.batches) void sleep(moment.ms).then(() => child.kill('SIGKILL'));
      }
      throw new Error('1,000 batches were answered, and the receiver still runs.');
    });
    await Promise.all(senders);
    t.equal(child.signalCode ?? (await once(child, 'exit'))[1], 'SIGKILL');
  }

  const store = await openStore({ directory, onLost: (sentence) => t.fail(sentence) });
  t.teardown(() => store.close());
  // Before it answers, the store may make room for what so many lives have left.
  const { rows } = await store.read(
    `SELECT ${store.fields().get('trace.trace_id')?.sql}, count(*) FROM spans GROUP BY 1`,
    [],
    { deadline: deadlineIn(60_000) },
  );
  const stored = new Map(rows.map(([id, count]) => [id, count]));
  t.ok(acknowledged.length >= ROUNDS);
  t.same(
    acknowledged.filter((id) => !stored.has(id)),
    [],
    `nothing of ${acknowledged.length} that was acknowledged is missing`,
  );
  t.same(
    rows.filter(([, count]) => count !== 1),
    [],
    'and nothing is there twice',
  );
  t.same((await store.read('SELECT count(*) - count(DISTINCT _seq) FROM spans')).rows, [[0]]);
  const large = await store.read('SELECT _seq, _span, _bytes FROM spans WHERE _bytes > 8192');
  for (const [seq, span, bytes] of large.rows) {
    const whole = await store.wholeSpan(Number(seq), span as Uint8Array, Number(bytes));
    if (whole?.byteLength !== bytes) t.fail(`the message of row ${seq} is not whole`);
  }
  const fields = await store.read(
    `SELECT ${[...store.fields().values()].map(({ sql }) => sql).join(', ')} FROM spans LIMIT 1`,
  );
  t.equal(fields.rows.length, 1, 'every field of the catalogue can be read');
});

/** From a kilobyte to a little below what a span may have. */
const KIB = 1024;
const SIZES = [1, 8, 64, 256, 1_024, 4_000].map((size) => size * KIB);

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
      const answer = await fetch(`http://127.0.0.1:${String(port).trim()}/v1/traces`, {
        method: 'POST',
        body: Buffer.from(encodeTraces(decoded([sent]))),
        headers: { 'content-type': 'application/x-protobuf' },
      });
      t.equal(answer.status, 200, `${size} bytes`);
      t.equal((await answer.arrayBuffer()).byteLength, 0, 'without a word of what was refused');
      answered.push(sent);
    }
    child.kill('SIGKILL');
    t.equal((await once(child, 'exit'))[1], 'SIGKILL');
  }
  const store = await openStore({ directory, onLost: (sentence) => t.fail(sentence) });
  t.teardown(() => store.close());
  for (const each of answered) {
    const prompt = await promptOf(store, each);
    t.ok(
      prompt === each.attributes?.prompt,
      `${String(each.attributes?.prompt).length} bytes, as they were sent`,
    );
  }
});
