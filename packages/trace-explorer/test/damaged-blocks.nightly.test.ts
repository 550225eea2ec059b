import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodedLogs } from '@tandem/otlp/testing';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import { buildExplorer } from '../src/app.ts';
import { openStore } from '../src/core/store/store.ts';
import { countEndedEarly } from './core/store/break-duckdb.ts';
import { noise } from './core/store/large-span.ts';
import { LONG, SHORT, storeRuns } from './long-requests.ts';
import type { PlainSpan } from './spans.ts';
import { decoded, randomId, temporaryDirectory } from './spans.ts';

const TIMEOUT_MS = 1_800_000;
/** Spans of the large trace, each with a log record, and small spans of other traces between them. */
const [SPANS, SMALL_BETWEEN, SPANS_PER_WRITE] = [2_000, 3, 50];
/** Bytes of a text in each of its rows. DuckDB gives the first rows of a statement when it has a megabyte of them. */
const TEXT_BYTES = 4_000;
/** Bytes of DuckDB's blocks in the store's file, and of the headers before them. */
const [BLOCK_BYTES, HEADER_BYTES] = [32_768, 12_288];
/** Blocks that are damaged, one at a time, at equal distances. */
const DAMAGED = 16;
/** A small cap has small row groups, of 2,048 rows: the large trace is in several. */
const MAX_BYTES = 64 * 1024 * 1024;

type Request = readonly [method: 'GET' | 'POST', url: string, payload?: object];

const traceId = randomId(16);
/** Requests whose statements have given rows when they meet a block in the middle of the trace. */
const streamed: readonly Request[] = [
  ['GET', `/api/traces/${traceId}/values?field=payload`],
  ['GET', `/api/logs?trace_id=${traceId}&limit=1000`],
  ['GET', `/api/traces/${traceId}/page`],
  ['GET', `/api/export?trace_id=${traceId}`],
];
const requests: readonly Request[] = [
  ...streamed,
  ...LONG,
  ...SHORT,
  ['GET', '/api/status'],
  ['GET', '/api/fields'],
];

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
  const endedEarly = new Map<Request, number>();
  const early = countEndedEarly(t);
  for (let n = 0; n < DAMAGED; n++) {
    const at = HEADER_BYTES + BLOCK_BYTES * Math.floor((n * blocks) / DAMAGED);
    const directory = copyOf(t, whole, at);
    let app: FastifyInstance | undefined;
    for (const request of requests) {
      // After a damaged block the store refuses everything: the next request has one that did not meet it.
      app ??= await openExplorer(t, directory).catch(() => undefined);
      if (app === undefined) break; // the start met it
      early();
      const answer = await ask(app, request);
      endedEarly.set(request, (endedEarly.get(request) ?? 0) + early());
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
  for (const request of requests)
    t.comment(
      `${request[1]}: refused ${refused.get(request) ?? 0} times, ${endedEarly.get(request) ?? 0} after some rows`,
    );
  for (const request of streamed) t.ok((endedEarly.get(request) ?? 0) > 0, `${request[1]} had some rows`);
  t.ok(refused.size > requests.length / 2, `${refused.size} of ${requests.length} met a block`);
});

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
  const store = await openStore({ directory, maxBytes: MAX_BYTES });
  await storeRuns(store);
  for (let stored = 0; stored < SPANS; stored += SPANS_PER_WRITE) {
    const large = Array.from({ length: SPANS_PER_WRITE }, (_, at) => largeSpan(stored + at));
    await store.write(decoded(large.flatMap((span, at) => [span, ...request(stored + at)])));
    const body = () => noise(TEXT_BYTES);
    await store.write(decodedLogs(large.map(({ spanId = '' }) => ({ traceId, spanId, body: body() }))));
  }
  await store.close();
}

const rootId = randomId(8);

function largeSpan(n: number): PlainSpan {
  return {
    traceId,
    ...(n === 0 ? { spanId: rootId } : { spanId: randomId(8), parentSpanId: rootId }),
    name: `step ${n % 7}`,
    service: 'api',
    attributes: { payload: noise(TEXT_BYTES) },
  };
}

/** A small request with calls below it. */
function request(n: number): PlainSpan[] {
  const [ofRequest, spanId] = [randomId(16), randomId(8)];
  return Array.from({ length: SMALL_BETWEEN }, (_, at) => ({
    traceId: ofRequest,
    ...(at === 0 ? { spanId } : { spanId: randomId(8), parentSpanId: spanId }),
    name: at === 0 ? `GET /${n % 20}` : `call ${at}`,
    service: at < 2 ? 'api' : 'stock',
    kind: at === 0 ? 2 : 3,
    durationMs: 10 + ((n * 7 + at) % 50),
    attributes: { 'http.route': `/${n % 20}`, user: randomId(8) },
  }));
}
