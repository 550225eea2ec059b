import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { encodeTraces } from '@tandem/otlp';
import { message, TraceResponse } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import type { ReceiverOptions } from '../../../src/core/receiver/build-receiver.ts';
import { buildReceiver } from '../../../src/core/receiver/build-receiver.ts';
import { isLogs, itemCount } from '../../../src/core/store/rows/request.ts';
import type { ExportRequest } from '../../../src/core/store/store.ts';
import { busy } from '../../../src/core/store/store-error.ts';
import { decoded } from '../../spans.ts';

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json' };
const GZIP = { 'content-encoding': 'gzip' };
const MIB = 1024 * 1024;

function namesOf(request: ExportRequest): string[] {
  return isLogs(request) ? [] : request.scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name));
}

/** A receiver over a store that keeps what it is given. */
async function start(t: Test, options: Partial<ReceiverOptions> = {}) {
  const parts: ExportRequest[] = [];
  const store = {
    write: async (request: ExportRequest) => {
      parts.push(request);
    },
  };
  const app = await buildReceiver({ store, ...options });
  t.teardown(() => app.close());
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const post = (body: Uint8Array | string, headers: Record<string, string>) =>
    fetch(`${base}/v1/traces`, { method: 'POST', body: Buffer.from(body), headers });
  const names = () => parts.flatMap(namesOf);
  return { post, names, parts, port: Number(new URL(base).port) };
}

async function partialSuccess(response: Response): Promise<{ rejectedSpans: number; errorMessage: string }> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  return TraceResponse.toObject(TraceResponse.decode(bytes), { longs: Number }).partialSuccess;
}

function rawSpan(name: string): Uint8Array {
  return decoded([{ name }]).scopeSpans[0]?.spans[0]?.raw ?? Buffer.alloc(0);
}

function requestOf(...spans: Uint8Array[]): Buffer {
  return message(1, message(2, Buffer.concat(spans.map((span) => message(2, span)))));
}

t.test('a small body that unpacks to millions of events costs the span that has them', async (t) => {
  const { post, names } = await start(t);
  const events = Buffer.alloc(4_000_000);
  for (let at = 0; at < events.length; at += 2) events[at] = 0x5a; // events (11), length 0
  const body = requestOf(Buffer.concat([rawSpan('bad'), events]), rawSpan('good'));
  const response = await post(gzipSync(body), { ...PROTOBUF, ...GZIP });
  t.equal(response.status, 200);
  const { rejectedSpans, errorMessage } = await partialSuccess(response);
  t.equal(rejectedSpans, 1);
  t.match(errorMessage, 'spans[0]: the span has more than 131,072 events, links, attributes and values');
  t.same(names(), ['good']);
});

t.test('a small body that unpacks to millions of spans is refused, and the limit named', async (t) => {
  const { post } = await start(t);
  const spans = '{},'.repeat(1_100_000).slice(0, -1);
  const json = `{"resourceSpans":[{"scopeSpans":[{"spans":[${spans}]}]}]}`;
  const response = await post(gzipSync(json), { ...JSON_TYPE, ...GZIP });
  t.equal(response.status, 413);
  t.match(await response.json(), { code: 8, message: /more than 1,000,000 spans/ });
});

t.test('large attributes of a resource are no reason to refuse its spans; parts stay small', async (t) => {
  const { post, parts } = await start(t);
  const resource = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`k${n}`, 'x'.repeat(65_000)]));
  const { scopeSpans } = decoded([{ resource }]);
  const spans = Array.from({ length: 5_000 }, () => decoded([{}]).scopeSpans[0]?.spans ?? []).flat();
  const [group] = scopeSpans;
  const body = encodeTraces({ scopeSpans: group === undefined ? [] : [{ ...group, spans }] });
  const response = await post(gzipSync(body), { ...PROTOBUF, ...GZIP });
  t.equal(response.status, 200);
  t.equal((await response.arrayBuffer()).byteLength, 0, 'a whole success');
  t.equal(
    parts.reduce((sum, part) => sum + itemCount(part), 0),
    5_000,
  );
  for (const count of parts.map(itemCount)) t.ok(count * 16_384 < 20 * MIB, `${count} in one part`);
});

t.test('a large body is stored part by part, with turns for others between', async (t) => {
  let turns = 0;
  let counter = setImmediate(count);
  t.teardown(() => clearImmediate(counter));
  function count(): void {
    turns++;
    counter = setImmediate(count);
  }
  const stored: { turn: number; names: string[] }[] = [];
  const store = {
    write: async (request: ExportRequest) => {
      stored.push({ turn: turns, names: namesOf(request) });
    },
  };
  const { post } = await start(t, { store });
  const spans = Array.from(
    { length: 10_000 },
    (_, n) => decoded([{ name: `n${n}` }]).scopeSpans[0]?.spans ?? [],
  );
  const { scopeSpans } = decoded([{}]);
  const body = encodeTraces({ scopeSpans: scopeSpans.map((group) => ({ ...group, spans: spans.flat() })) });
  t.equal((await post(gzipSync(body), { ...PROTOBUF, ...GZIP })).status, 200);
  t.same(
    stored.flatMap(({ names }) => names),
    Array.from({ length: 10_000 }, (_, n) => `n${n}`),
  );
  t.equal(stored.length, 5);
  t.equal(new Set(stored.map(({ turn }) => turn)).size, 5, 'each part in a turn of its own');
});

t.test('once its first part is stored, a request waits for a store that is behind', async (t) => {
  let writes = 0;
  const stored: number[] = [];
  const store = {
    write: async (request: ExportRequest) => {
      if (++writes === 2 || writes === 3) throw busy('It is behind', 0.001);
      stored.push(itemCount(request));
    },
  };
  const { post } = await start(t, { store });
  const body = encodeTraces(decoded(Array.from({ length: 5_000 }, () => ({}))));
  t.equal((await post(body, PROTOBUF)).status, 200);
  t.same(stored, [2048, 2048, 904]);
});

const HEAD = 'POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n';

/** A sender on a socket of its own; `answer` is what it got until the connection ended. */
function sender(t: Test, port: number): { socket: Socket; answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  const answer = new Promise<string>((resolve) => {
    socket.once('data', (data) => resolve(String(data)));
    socket.once('close', () => resolve(''));
    socket.on('error', () => resolve(''));
  });
  return { socket, answer };
}

function chunk(bytes: number): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.toString(16)}\r\n`), Buffer.alloc(bytes), Buffer.from('\r\n')]);
}

/** The answer to a body that is announced and does not come; undefined when it is waited for. */
async function announce(t: Test, port: number, bytes: number): Promise<string | undefined> {
  const { socket, answer } = sender(t, port);
  socket.write(`${HEAD}content-length: ${bytes}\r\n\r\n\0`);
  const answered = await Promise.race([answer, sleep(50, undefined)]);
  socket.destroy();
  return answered;
}

t.test('chunked bodies are counted as they arrive', async (t) => {
  const { port, post } = await start(t, { maxArrivingBytes: MIB });
  const first = sender(t, port);
  first.socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
  first.socket.write(chunk(700_000));
  // An announced body is refused once all of the first one's bytes are there; it takes no room itself.
  const refusal = await until(() => announce(t, port, 349_000));
  t.match(refusal, /^HTTP\/1\.1 503.*retry-after: 1/s);
  const second = sender(t, port);
  second.socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
  second.socket.write(chunk(700_000));
  t.match(await second.answer, /^HTTP\/1\.1 503/);
  t.equal((await post(encodeTraces(decoded([{}])), PROTOBUF)).status, 200, 'small ones have room');
  first.socket.write('0\r\n\r\n');
  t.match(await first.answer, /^HTTP\/1\.1 400/, 'zeros are no request');
  t.equal((await post(Buffer.alloc(700_000, 'x'), PROTOBUF)).status, 200, 'there is room again');
});

t.test('a body that ends early, or is refused, gives its room back', async (t) => {
  const { port, post } = await start(t, { maxArrivingBytes: MIB, maxBodyBytes: 2 * MIB });
  for (let round = 0; round < 5; round++) {
    const { socket } = sender(t, port);
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
    socket.write(chunk(900_000), () => socket.destroy());
    t.equal((await post(Buffer.alloc(3 * MIB), PROTOBUF)).status, 413);
  }
  t.equal((await post(encodeTraces(decoded([{}])), PROTOBUF)).status, 200);
});

t.test('a chunked body is refused when it has become too large', async (t) => {
  const { port } = await start(t, { maxBodyBytes: 2 * MIB });
  const { socket, answer } = sender(t, port);
  socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
  socket.write(chunk(2_500_000));
  t.match(await answer, /^HTTP\/1\.1 413/);
});

t.test('what was only announced takes no room', async (t) => {
  const { port, post } = await start(t);
  for (let count = 0; count < 4; count++) {
    const { socket } = sender(t, port);
    await new Promise<void>((resolve) =>
      socket.write(`${HEAD}content-length: ${64 * MIB}\r\n\r\n\0`, () => resolve()),
    );
  }
  for (let count = 0; count < 5; count++)
    t.equal((await post(encodeTraces(decoded([{}])), PROTOBUF)).status, 200);
});
