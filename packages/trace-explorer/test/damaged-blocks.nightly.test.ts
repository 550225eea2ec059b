import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodedLogs } from '@tandem/otlp/testing';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { buildExplorer } from '../src/app.ts';
import { openStore } from '../src/core/store/store.ts';
import { countEndedEarly } from './core/store/break-duckdb.ts';
import { LONG, SHORT, storeRuns } from './long-requests.ts';
import type { PlainSpan } from './spans.ts';
import { decoded, randomId, temporaryDirectory, WHOLE_FILE } from './spans.ts';

const TIMEOUT_MS = 1_800_000;
const [TRACES, SPANS_PER_TRACE] = [400, 8];
/** Bytes of DuckDB's blocks in the store's file, and of the headers before them. */
const [BLOCK_BYTES, HEADER_BYTES] = [32_768, 12_288];
/** Blocks that are damaged, one at a time, at equal distances. */
const DAMAGED = 12;
/**
 * Spans of a long trace. DuckDB gives the first rows of a statement when it has a megabyte of them, where a text counts as 16 bytes:
 * of two columns 42,000.
 */
const [LONG_SPANS, SPANS_PER_WRITE] = [80_000, 1_000];
/** Blocks of this trace that are damaged, one at a time, and how many are tried to find them. */
const [IN_LONG, MOST_TRIED] = [3, 60];
/** A small cap has small row groups: a reader takes some rows before it meets the block. */
const MAX_BYTES = 64 * 1024 * 1024;

type Request = readonly [method: 'GET' | 'POST', url: string, payload?: object];

const requests: readonly Request[] = [...LONG, ...SHORT, ['GET', '/api/status'], ['GET', '/api/fields']];

t.setTimeout(TIMEOUT_MS);
t.test('with a damaged block each request has its whole answer, or is told what is wrong', async (t) => {
  t.setTimeout(TIMEOUT_MS);
  // Ranges that end now are the same for each of them.
  const now = Date.now();
  t.intercept(Date, 'now', { value: () => now });
  const whole = temporaryDirectory(t);
  await fill(whole);
  const file = join(whole, 'explorer.duckdb');
  const blocks = Math.floor((readFileSync(file).byteLength - HEADER_BYTES) / BLOCK_BYTES);
  t.ok(blocks > 2 * DAMAGED, `${blocks} blocks`);
  const expected = new Map<Request, Answer>();
  const undamaged = await openExplorer(t, copyOf(t, whole));
  for (const request of requests) expected.set(request, await ask(undamaged, request));
  for (const request of requests) t.same(await ask(undamaged, request), expected.get(request), request[1]);
  await undamaged.close();

  const refused = new Map<Request, number>();
  for (let n = 0; n < DAMAGED; n++) {
    const at = HEADER_BYTES + BLOCK_BYTES * Math.floor((n * blocks) / DAMAGED);
    const directory = copyOf(t, whole, at);
    let app: FastifyInstance | undefined;
    for (const request of requests) {
      // After a damaged block the store refuses everything: the next request has one that did not meet it.
      app ??= await openExplorer(t, directory).catch(() => undefined);
      if (app === undefined) break; // the start met it
      const answer = await ask(app, request);
      const name = `${request[1]} with the block at ${at}`;
      if (answer.status === 200) t.same(answer, expected.get(request), name);
      else {
        refused.set(request, (refused.get(request) ?? 0) + 1);
        if (answer.status !== CUT) t.match(answer, { status: 503, body: /STORE_DAMAGED/u }, name);
        await app.close();
        app = undefined;
      }
    }
    await app?.close();
  }
  for (const request of requests) t.comment(`${request[1]}: refused ${refused.get(request) ?? 0} times`);
  t.ok(refused.size > requests.length / 2, `${refused.size} of ${requests.length} met a block`);
});

t.test(
  'with a damaged block late in a long trace, no request has the rows before it for an answer',
  async (t) => {
    t.setTimeout(TIMEOUT_MS);
    const whole = temporaryDirectory(t);
    const traceId = await fillLong(whole);
    const requests: readonly Request[] = [
      ['GET', `/api/traces/${traceId}/values?field=payload`],
      ['GET', `/api/traces/${traceId}/search?q=step`],
    ];
    const { byteLength } = readFileSync(join(whole, 'explorer.duckdb'));
    const blocks = Math.floor((byteLength - HEADER_BYTES) / BLOCK_BYTES);
    const endedEarly = countEndedEarly(t);
    let damaged = 0;
    for (let n = 0; n < MOST_TRIED && damaged < IN_LONG; n++) {
      const at = HEADER_BYTES + BLOCK_BYTES * Math.floor((n * blocks) / MOST_TRIED);
      const directory = copyOf(t, whole, at);
      if (!(await endsEarly(directory, 'payload'))) continue;
      damaged++;
      for (const request of requests) {
        endedEarly();
        const app = await openExplorer(t, directory);
        const answer = await ask(app, request);
        t.match(answer, { status: 503, body: /STORE_DAMAGED/u }, `${request[1]} with the block at ${at}`);
        t.equal(endedEarly(), 1, 'its statement had given rows');
        await app.close();
      }
    }
    t.equal(damaged, IN_LONG);
  },
);

/** Whether a read of a field of the long trace gives some of its values, and then meets a damaged block. */
async function endsEarly(directory: string, field: string): Promise<boolean> {
  const store = await openStore({ directory, maxBytes: MAX_BYTES }).catch(() => undefined);
  if (store === undefined) return false;
  let rows = 0;
  const sql = `SELECT _seq, ${store.fields().get(field)?.sql} FROM spans`;
  const read = store.read(sql, [], { short: true, take: () => void rows++ });
  await read.catch(() => {});
  await store.close();
  return rows > 0 && rows < LONG_SPANS;
}

/** The status of an answer whose connection ended before it was whole. */
const CUT = 0;

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask(app: FastifyInstance, [method, url, payload]: Request): Promise<Answer> {
  return app.inject({ method, url, ...(payload && { payload }) }).then(
    ({ statusCode, body }) => ({ status: statusCode, body }),
    () => ({ status: CUT, body: '' }),
  );
}

/** An explorer over a folder; closing it closes the store. @throws StoreOpenError */
async function openExplorer(t: Test, directory: string): Promise<FastifyInstance> {
  const store = await openStore({ directory, maxBytes: MAX_BYTES });
  const app = await buildExplorer({ store });
  app.addHook('onClose', () => store.close());
  t.teardown(() => app.close());
  return app;
}

/** A copy of a store's folder. @param at where its file has damaged bytes */
function copyOf(t: Test, directory: string, at?: number): string {
  const copy = temporaryDirectory(t);
  cpSync(directory, copy, { recursive: true });
  if (at === undefined) return copy;
  const file = join(copy, 'explorer.duckdb');
  writeFileSync(file, readFileSync(file).fill(0xff, at + 5_000, at + 6_000));
  return copy;
}

async function fill(directory: string): Promise<void> {
  const store = await openStore({ directory, maxBytes: MAX_BYTES, ...WHOLE_FILE });
  await storeRuns(store);
  for (let trace = 0; trace < TRACES; trace++) {
    const traceId = randomId(16);
    const ids = Array.from({ length: SPANS_PER_TRACE }, () => randomId(8));
    const spans = ids.map(
      (spanId, at): PlainSpan => ({
        traceId,
        spanId,
        ...(at > 0 && { parentSpanId: ids[0] ?? '' }),
        name: at === 0 ? `GET /${trace % 20}` : `call ${at}`,
        service: at < 3 ? 'api' : 'stock',
        kind: at === 0 ? 2 : 3,
        durationMs: 10 + ((trace * 7 + at) % 50),
        attributes: { 'http.route': `/${trace % 20}`, user: randomId(8), payload: randomId(16).repeat(4) },
      }),
    );
    await store.write(decoded(spans));
    await store.write(decodedLogs([{ body: `trace ${traceId} ${randomId(16)}` }]));
  }
  await store.close();
}

/** Stores one trace of many spans. @returns its id */
async function fillLong(directory: string): Promise<string> {
  const store = await openStore({ directory, maxBytes: MAX_BYTES, ...WHOLE_FILE });
  const [traceId, rootId] = [randomId(16), randomId(8)];
  for (let stored = 0; stored < LONG_SPANS; stored += SPANS_PER_WRITE)
    await store.write(
      decoded(
        Array.from({ length: SPANS_PER_WRITE }, (_, at) => ({
          traceId,
          ...(stored + at === 0 ? { spanId: rootId } : { spanId: randomId(8), parentSpanId: rootId }),
          name: `step ${at % 7}`,
          service: 'api',
          attributes: { payload: randomId(16) + randomId(16) + randomId(16) },
        })),
      ),
    );
  await store.close();
  return traceId;
}
