import { status as grpcStatus } from '@grpc/grpc-js';
import { encodeLogs, encodeTraces } from '@tandem/otlp';
import { decodedLogs } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../test/helpers/until.ts';
import { canMount, makeVolume } from '../../../test/helpers/volume.ts';
import { buildExplorer } from '../src/app.ts';
import { buildReceiver } from '../src/core/receiver/build-receiver.ts';
import { Intake } from '../src/core/receiver/intake.ts';
import { openStore } from '../src/core/store/store.ts';
import { TRACES } from './core/receiver/call-grpc.ts';
import { clientOf } from './core/receiver/grpc-receiver.ts';
import { span } from './core/store/large-span.ts';
import { afterNextLook } from './core/store/next-look.ts';
import { decoded, randomId } from './spans.ts';

const TIMEOUT_MS = 400_000;
/** Room for all that is sent meanwhile. */
const VOLUME_MIB = 400;
const LARGE_BYTES = 100_000;
/** Large spans that the checkpoint has to write, so that it needs room; deletions, which checkpoint, wait for them. */
const COLLECTED = 40;
/** For the file to be given up, and reopens its files, once the disk is full; a checkpoint that needs no new block goes well. */
const REOPENED_MS = 15_000;
/** Between two requests of a kind. */
const PAUSE_MS = 100;
/** For a success of each kind, also on a busy machine. */
const SUCCESS_MS = 150_000;
/** Small ones, to be deleted one by one. */
const TRACES_TO_DELETE = 2_000;

interface Answer {
  readonly isSuccess: boolean;
  /** Whether it is to be asked again: 503 with Retry-After, or UNAVAILABLE. */
  readonly isLater: boolean;
  readonly text: string;
}

type Ask = () => Promise<Answer>;

t.setTimeout(TIMEOUT_MS);
if (await canMount())
  t.test(
    'while the file is given up and reopens its files, every request is answered with success, or asked to come again and told why',
    async (t) => {
      t.setTimeout(TIMEOUT_MS);
      const volume = await makeVolume(VOLUME_MIB);
      t.teardown(() => volume.remove());
      const explorer = await startWhole(t, `${volume.directory}/explorer`);
      const kept = span(10);
      const deletable = Array.from({ length: TRACES_TO_DELETE }, () => span(1));
      await explorer.store.write(decoded([kept, ...deletable]));
      const requests = requestsOf(explorer, {
        kept,
        nextDeletable: () => deletable.pop()?.traceId ?? '',
      });
      const answers = new Map(Object.keys(requests).map((name) => [name, [] as Answer[]]));
      const ending = new AbortController();
      let isCollecting = false;
      const asking = Object.entries(requests).map(([name, ask]) =>
        until(
          async () => {
            if (isCollecting && name.startsWith('deletion')) return ending.signal.aborted;
            const answer = await ask().catch((error) => ({
              isSuccess: false,
              isLater: false,
              text: `${error}`,
            }));
            answers.get(name)?.push(answer);
            return ending.signal.aborted;
          },
          { limitMs: TIMEOUT_MS, everyMs: PAUSE_MS },
        ),
      );
      /** Until each kind of request has succeeded, from now on. */
      const allSucceed = () => {
        const since = new Map([...answers].map(([name, list]) => [name, list.length]));
        const missing = () =>
          [...answers].filter(
            ([name, list]) => !list.slice(since.get(name)).some(({ isSuccess }) => isSuccess),
          );
        const what = () =>
          `a success of ${missing().map(([name, list]) => `${name} (${list.length}: ${list.at(-1)?.text.slice(0, 200)})`)}`;
        return until(() => missing().length === 0, { what, limitMs: SUCCESS_MS, everyMs: PAUSE_MS });
      };
      try {
        await allSucceed();
        await until(
          async () => {
            let filled = 0;
            volume.empty();
            isCollecting = true;
            const large = answers.get('spans over HTTP') ?? [];
            const before = large.length;
            const taken = () => large.slice(before).filter(({ isSuccess }) => isSuccess).length;
            await until(() => taken() >= COLLECTED, { limitMs: SUCCESS_MS, everyMs: PAUSE_MS });
            isCollecting = false;
            const leaveRoom = afterNextLook(t, () => {
              volume.fill();
              filled = performance.now();
            });
            const isLate = () => filled > 0 && performance.now() > filled + REOPENED_MS;
            await until(() => explorer.seen.reopened > 0 || isLate(), { limitMs: SUCCESS_MS });
            // On a slow machine the file may be given up late, for want of the room that was there before.
            leaveRoom();
            return explorer.seen.reopened > 0;
          },
          { limitMs: SUCCESS_MS },
        );
        volume.empty();
        await allSucceed();
      } finally {
        ending.abort();
        await Promise.all(asking);
      }
      for (const [name, list] of answers) {
        // An export that is under way can only be broken off, which its reader sees.
        const isBrokenOff = (text: string) => name.startsWith('export') && text === 'TypeError: terminated';
        const wrong = list.filter(
          ({ isSuccess, isLater, text }) => !isSuccess && !isLater && !isBrokenOff(text),
        );
        t.same([...new Set(wrong.map(({ text }) => text))], [], name);
        const later = list.filter(({ isLater }) => isLater);
        t.comment(`${name}: ${list.length} answers, ${later.length} asked to come again`);
        for (const { text } of later)
          if (!/reopens its files|disk .* is full/u.test(text)) t.fail(`${name}: ${text}`);
      }
      const asked = [...answers.values()].flat().filter(({ isLater }) => isLater);
      t.ok(
        asked.some(({ text }) => text.includes('reopens its files')),
        'some came while there was no file',
      );
      // Until the next checkpoint has found room.
      await until(() => explorer.store.stats().notices.length === 0);
    },
  );

/** All of an explorer in this process, which fills the disk at the right moment. */
async function startWhole(t: Test, directory: string) {
  const seen = { reopened: 0 };
  const store = await openStore({
    directory,
    onLost: (sentence) => t.fail(sentence),
    onReopened: () => seen.reopened++,
  });
  const intake = new Intake({ store });
  const receiver = await buildReceiver({ store, intake });
  const app = await buildExplorer({ store, intake });
  t.teardown(async () => {
    for (const part of [app, receiver, store]) await part.close();
  });
  const listen = { host: '127.0.0.1', port: 0 };
  const [otlp, origin] = [await receiver.listen(listen), await app.listen(listen)];
  return { store, seen, otlp, origin, call: clientOf(t, Number(new URL(otlp).port)) };
}

/** Requests of every kind. */
function requestsOf(
  { otlp, origin, call }: Awaited<ReturnType<typeof startWhole>>,
  { kept, nextDeletable }: { readonly kept: ReturnType<typeof span>; readonly nextDeletable: () => string },
): Readonly<Record<string, Ask>> {
  const get = (path: string) => () => answerOf(origin + path);
  const post = (path: string, body: unknown) => () => answerOf(origin + path, jsonRequest(body));
  const otlpRequest = (path: string, bytes: Uint8Array) =>
    answerOf(otlp + path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', accept: 'application/json' },
      body: Buffer.from(bytes),
    });
  const all = { time_range: 86_400 };
  const query = { ...all, calculations: [{ op: 'HEATMAP', column: 'duration_ms' }] };
  const trace = `/api/traces/${kept.traceId}`;
  return {
    query: async () => {
      const created = await answerOf(
        `${origin}/1/queries/__all__`,
        jsonRequest({ ...query, limit: 1 + Math.floor(Math.random() * 900) }),
      );
      if (!created.isSuccess) return created;
      const { id } = JSON.parse(created.text) as { id: string };
      return answerOf(`${origin}/1/query_results/__all__`, jsonRequest({ query_id: id }));
    },
    BubbleUp: post('/api/bubbleup', {
      query: all,
      selection: { filters: [{ column: 'name', op: 'exists' }] },
    }),
    'raw rows': post('/api/rows', { query: all, columns: ['name', 'prompt'] }),
    'deletion of a trace': () => answerOf(`${origin}/api/traces/${nextDeletable()}`, { method: 'DELETE' }),
    'deletion of what is old': () => answerOf(`${origin}/api/traces?before=1`, { method: 'DELETE' }),
    list: get('/api/traces?limit=20'),
    'slowest of the list': get('/api/traces?limit=20&order=slowest'),
    outline: get(`${trace}/outline`),
    'fields of a trace': get(`${trace}/fields`),
    'log lines of a trace': get(`/api/logs?trace_id=${kept.traceId}`),
    span: get(`${trace}/spans/${kept.spanId}`),
    export: get(`/api/export?trace_id=${kept.traceId}`),
    'export of a query': get('/api/export?limit=5'),
    overview: get('/api/overview'),
    map: get('/api/map'),
    logs: get('/api/logs?limit=20'),
    'logs over time': get('/api/logs/density'),
    fields: get('/api/fields'),
    columns: get('/1/columns/__all__'),
    datasets: get('/1/datasets'),
    status: get('/api/status'),
    import: post('/api/import', {
      resourceSpans: [
        {
          scopeSpans: [
            {
              spans: [
                {
                  traceId: randomId(16),
                  spanId: randomId(8),
                  name: 'imported',
                  startTimeUnixNano: `${Date.now()}000000`,
                },
              ],
            },
          ],
        },
      ],
    }),
    'spans over HTTP': () => otlpRequest('/v1/traces', encodeTraces(decoded([span(LARGE_BYTES)]))),
    'log records over HTTP': () => otlpRequest('/v1/logs', encodeLogs(decodedLogs([{ body: 'a line' }]))),
    'spans over gRPC': async () => {
      const { error } = await call(TRACES, encodeTraces(decoded([span(1_000)])));
      return {
        isSuccess: error === null,
        isLater: error?.code === grpcStatus.UNAVAILABLE,
        text: error?.message ?? '',
      };
    },
  };
}

function jsonRequest(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function answerOf(url: string, request?: RequestInit): Promise<Answer> {
  // A second try where a kept connection broke.
  const response = await fetch(url, request).catch(() => fetch(url, request));
  const text = await response.text();
  const isLater = response.status === 503 && response.headers.has('retry-after');
  return { isSuccess: response.ok, isLater, text: response.ok ? text : `${response.status} ${text}` };
}
