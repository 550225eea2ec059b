import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTraces } from '@tandem/otlp';
import type { Test } from 'tap';
import t from 'tap';
import type { Explorer } from '../../../../../../benchmarks/lib/explorer-process.ts';
import { startExplorer } from '../../../../../../benchmarks/lib/explorer-process.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import type { Volume } from '../../../../../../test/helpers/volume.ts';
import { canMount, makeVolume } from '../../../../../../test/helpers/volume.ts';
import { Failure } from '../../../../src/core/failures.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { decoded } from '../../../spans.ts';
import { promptOf, span } from '../large-span.ts';

const TIMEOUT_MS = 240_000;

async function volumeOf(t: Test, mebibytes: number): Promise<Volume> {
  const volume = await makeVolume(mebibytes);
  t.teardown(() => volume.remove());
  return volume;
}

/** Sends a span; resolves with what was answered. */
async function send({ otlpUrl }: Explorer, sent: ReturnType<typeof span>) {
  const answer = await fetch(otlpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', accept: 'application/json' },
    body: Buffer.from(encodeTraces(decoded([sent]))),
  });
  const retryAfter = answer.headers.get('retry-after');
  return { status: answer.status, retryAfter, text: await answer.text() };
}

async function noticesOf({ origin }: Explorer): Promise<string> {
  const { notices } = (await (await fetch(`${origin}/api/status`)).json()) as { notices: string[] };
  return notices.join('\n');
}

async function isStored({ origin }: Explorer, { traceId, spanId }: { traceId: string; spanId: string }) {
  const answer = await fetch(`${origin}/api/traces/${traceId}/spans/${spanId}`);
  await answer.arrayBuffer();
  return answer.status === 200;
}

t.setTimeout(TIMEOUT_MS);
if (await canMount()) {
  t.test('a full disk: senders are asked to come again, the page says so, and nothing is lost', async (t) => {
    t.setTimeout(TIMEOUT_MS);
    const volume = await volumeOf(t, 64);
    const DATA_DIR = volume.directory;
    const files = () => readdirSync(join(DATA_DIR, 'explorer')).filter((name) => name.endsWith('.journal'));
    const first = await startExplorer(t, { DATA_DIR });
    const acknowledged: ReturnType<typeof span>[] = [];
    for (let count = 0; count < 10; count++) {
      const sent = span(50_000);
      t.equal((await send(first, sent)).status, 200);
      acknowledged.push(sent);
    }
    volume.fill();
    // What is left of a block that is written already may take one or two more.
    await until(async () => {
      const sent = span(50_000);
      const { status } = await send(first, sent);
      if (status === 200) acknowledged.push(sent);
      return status === 503;
    });
    for (let again = 0; again < 5; again++) {
      const refused = await send(first, span(50_000));
      t.match(refused, { status: 503, retryAfter: /^\d+$/u, text: /disk .* is full.*make room/u });
    }
    t.equal(files().length, 1, 'no file is left of what was refused');
    t.match(await noticesOf(first), /disk .* is full.*make room/u);
    const list = await fetch(`${first.origin}/api/traces?limit=20`);
    t.equal(((await list.json()) as { traces: unknown[] }).traces.length, acknowledged.length);

    process.kill(first.pid, 'SIGKILL');
    await until(() => !isRunning(first.pid));
    volume.fill();
    const second = await startExplorer(t, { DATA_DIR });
    t.match(await noticesOf(second), /disk .* is full/u);
    for (const sent of acknowledged) t.ok(await isStored(second, sent), 'after a kill on the full disk, too');
    t.match(await send(second, span(50_000)), { status: 503, retryAfter: /^\d+$/u });

    volume.empty();
    const late = span(50_000);
    await until(async () => (await send(second, late)).status === 200, { everyMs: 200 });
    t.equal(await until(async () => (await noticesOf(second)) === '', { everyMs: 200 }), true);
    for (const sent of [...acknowledged, late]) t.ok(await isStored(second, sent));
    process.kill(second.pid, 'SIGTERM');
    await until(() => !isRunning(second.pid));
    t.notOk(
      readdirSync(join(DATA_DIR, 'explorer')).some((name) => name.startsWith('explorer-2')),
      'not moved aside',
    );
  });

  t.test('a cap larger than the disk: the oldest traces make room for new ones', async (t) => {
    t.setTimeout(TIMEOUT_MS);
    const volume = await volumeOf(t, 60);
    const directory = join(volume.directory, 'explorer');
    const open = async () => {
      const store = await openStore({ directory, onLost: (sentence) => t.fail(sentence) });
      t.teardown(() => store.close());
      return store;
    };
    const store = await open();
    const sent: ReturnType<typeof span>[] = [];
    /** Sends 8 MB of spans, each until it is taken. */
    const fill = async (to: SpanStore) => {
      for (let count = 0; count < 400; count++) {
        const next = span(20_000);
        await until(() => to.write(decoded([next])).then(isTaken, isToComeAgain), { everyMs: 100 });
        sent.push(next);
      }
    };
    for (let round = 0; round < 5; round++) await fill(store);
    await until(() => store.stats().dropped.bytes > 0);
    t.match(
      store.stats().notices.join(),
      /reached its cap of 1\d MiB, as its disk has no room for more: it dropped [\d,]+ spans/u,
    );
    // A read waits for the writer, which is busy now.
    const isKept = async (of: SpanStore, each = sent.at(-1)) => {
      if (each === undefined) return false;
      const read = () => promptOf(of, each).then((prompt) => ({ prompt }), isToComeAgain);
      return (await until(read, { everyMs: 100 })).prompt === noiseOf(each);
    };
    t.ok(await isKept(store), 'the newest is there');
    t.notOk(await isKept(store, sent[0]), 'the oldest is not');

    await store.close();
    const again = await open();
    await fill(again);
    t.ok(await isKept(again), 'after a restart, too');
  });

  t.test('a store that finds no room for itself does not open, and says what to do', async (t) => {
    const volume = await volumeOf(t, 1);
    const directory = join(volume.directory, 'explorer');
    mkdirSync(directory);
    volume.fill();
    await t.rejects(openStore({ directory }), {
      name: 'StoreOpenError',
      message: /explorer\.duckdb cannot be opened \(.*\): make room on its disk, or set another DATA_DIR/su,
    });
  });
}

const isTaken = () => true;

/** @throws any other error */
function isToComeAgain(error: unknown): false {
  if (error instanceof Failure && error.retryAfterSeconds !== undefined) return false;
  throw error;
}

function noiseOf({ attributes }: ReturnType<typeof span>): unknown {
  return attributes?.prompt;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
