import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { buildExplorer } from '../src/app.ts';
import { openStore } from '../src/core/store/store.ts';
import { randomId, storeSpans, temporaryDirectory } from './spans.ts';

const TIMEOUT_MS = 900_000;
const TRACES = 1_200;
const SPANS_PER_TRACE = 10;
/** Bytes of DuckDB's blocks in the store's file, and of the headers before them. */
const [BLOCK_BYTES, HEADER_BYTES] = [32_768, 12_288];
/** Blocks that are damaged, one at a time, at equal distances. */
const DAMAGED = 24;

t.setTimeout(TIMEOUT_MS);
t.test(
  'with a damaged block in the file, each route answers as with the whole file, or not at all',
  async (t) => {
    t.setTimeout(TIMEOUT_MS);
    const directory = temporaryDirectory(t);
    // A small cap has small row groups: a reader takes some rows before it meets the block.
    const options = { directory, maxBytes: 64 * 1024 * 1024 };
    const store = await openStore(options);
    const from = Date.now() - TRACES;
    let traceId = '';
    for (let n = 0; n < TRACES; n += 100)
      await storeSpans(
        store,
        Array.from({ length: 100 }, (_, at) => {
          traceId = randomId(16);
          return Array.from({ length: SPANS_PER_TRACE }, (_, span) => ({
            traceId,
            spanId: randomId(8),
            name: `step ${span}`,
            start: BigInt(from + n + at) * 1_000_000n,
            attributes: { payload: Buffer.from(crypto.getRandomValues(new Uint8Array(150))).toString('hex') },
          }));
        }).flat(),
      );
    await store.close();
    const range = { start_time: Math.floor(from / 1000) - 10, end_time: Math.ceil(from / 1000) + 60 };
    const query = { ...range, calculations: [{ op: 'COUNT' }] };
    const requests = [
      ['GET', `/api/export?limit=1000&query=${encodeURIComponent(JSON.stringify(range))}`],
      ['POST', '/api/rows', { query, columns: ['name', 'payload'], limit: 1000 }],
      ['POST', '/api/bubbleup', { query, selection: { column: 'duration_ms', min: 0 } }],
      ['GET', `/api/traces/${traceId}/page`],
      ['GET', `/api/traces/${traceId}/outline`],
      ['POST', '/api/sample', { rules: [], suggest: 100, ...range }],
      ['GET', `/api/traces?limit=100&start_time=${range.start_time}&end_time=${range.end_time}`],
      ['GET', `/api/map?start_time=${range.start_time}&end_time=${range.end_time}`],
    ] as const;
    const ask = async (at: number) => {
      const opened = await openStore(options).catch(() => undefined);
      // The start may meet the block already.
      if (opened === undefined) return undefined;
      const app = await buildExplorer({ store: opened });
      const [method, url, payload] = requests[at % requests.length] ?? requests[0];
      const answer = await app.inject({ method, url, ...(payload && { payload }) }).then(
        ({ statusCode, body }) => ({ statusCode, body }),
        () => ({ statusCode: 0, body: '' }),
      );
      await app.close();
      await opened.close();
      return answer;
    };
    const whole = [];
    for (const [at, [method, url]] of requests.entries()) {
      const answer = await ask(at);
      t.equal(answer?.statusCode, 200, `${method} ${url} ${answer?.statusCode === 200 ? '' : answer?.body}`);
      whole.push(answer?.body);
    }
    const file = join(directory, 'explorer.duckdb');
    const bytes = readFileSync(file);
    const blocks = Math.floor((bytes.byteLength - HEADER_BYTES) / BLOCK_BYTES);
    let refused = 0;
    for (let n = 0; n < DAMAGED; n++) {
      const at = HEADER_BYTES + Math.floor((blocks * n) / DAMAGED) * BLOCK_BYTES;
      for (const [route, [method, url]] of requests.entries()) {
        writeFileSync(file, Buffer.from(bytes).fill(0xff, at + 5_000, at + 6_000));
        const answer = await ask(route);
        if (answer === undefined) break;
        if (answer.statusCode === 200)
          t.equal(answer.body, whole[route], `${method} ${url}, damage at ${at}`);
        else {
          refused++;
          t.ok([0, 503].includes(answer.statusCode), `${method} ${url}: ${answer.statusCode} ${answer.body}`);
        }
      }
    }
    t.ok(refused > requests.length, `${refused} requests were refused`);
  },
);
