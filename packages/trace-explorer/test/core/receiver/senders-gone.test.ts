import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, constants } from 'node:http2';
import { connect as connectTo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { encodeTraces, tracesToJson } from '@tandem/otlp';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import type { ReceiverOptions } from '../../../src/core/receiver/build-receiver.ts';
import { buildReceiver } from '../../../src/core/receiver/build-receiver.ts';
import { EqualBodies } from '../../../src/core/receiver/equal-bodies.ts';
import { NOTHING } from '../../../src/core/receiver/incoming-body.ts';
import { isLogs } from '../../../src/core/store/rows/request.ts';
import type { ExportRequest } from '../../../src/core/store/store.ts';
import { decoded, randomId } from '../../spans.ts';
import { GRPC_HEADERS, prefixed, TRACES } from './call-grpc.ts';

const MIB = 1024 * 1024;
const [SMALL, LARGE] = [10, 600_000];

/** A request of one span with a text of so many bytes. */
const spanOf = (name: string, bytes: number) =>
  decoded([
    {
      name,
      traceId: randomId(16),
      spanId: randomId(8),
      attributes: { text: randomBytes(bytes / 2).toString('hex') },
    },
  ]);

/** A sender that can leave: `status` is undefined then. */
interface Sent {
  readonly status: Promise<number | undefined>;
  leave(): void;
}

/** A receiver over a store whose writes of large spans wait until they may end. */
async function start(t: Test, options: Partial<ReceiverOptions> = {}) {
  const stored: string[] = [];
  const { promise: mayEnd, resolve: open } = Promise.withResolvers<void>();
  const store = {
    async write(part: ExportRequest) {
      const names = isLogs(part) ? [] : part.scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name));
      stored.push(...names);
      if (!names.includes('small')) await mayEnd;
    },
  };
  const app = await buildReceiver({ store, ...options });
  t.teardown(async () => {
    open();
    await app.close();
  });
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  const send = (body: Uint8Array | string, headers: Record<string, string> = {}): Sent => {
    const outgoing = request({
      port,
      method: 'POST',
      path: '/v1/traces',
      agent: false,
      headers: { 'content-type': 'application/x-protobuf', ...headers },
    });
    const status = new Promise<number | undefined>((resolve) => {
      outgoing.on('response', (response) => resolve(response.resume().statusCode));
      outgoing.on('error', () => resolve(undefined));
    });
    outgoing.end(Buffer.from(body));
    return { status, leave: () => void outgoing.destroy() };
  };
  const call = (body: Uint8Array): Sent => {
    const session = connect(`http://127.0.0.1:${port}`);
    t.teardown(() => session.destroy());
    const stream = session.request({ ...GRPC_HEADERS, ':path': TRACES });
    const status = new Promise<number | undefined>((resolve) => {
      stream.on('trailers', (trailers) => resolve(trailers['grpc-status'] === '0' ? 200 : 503));
      for (const event of ['error', 'close']) stream.on(event, () => resolve(undefined));
    });
    stream.end(prefixed(body));
    return { status, leave: () => stream.close(constants.NGHTTP2_CANCEL) };
  };
  const senders: Readonly<Record<string, (content: ReturnType<typeof decoded>) => Sent>> = {
    protobuf: (content) => send(encodeTraces(content)),
    gzip: (content) => send(gzipSync(encodeTraces(content)), { 'content-encoding': 'gzip' }),
    JSON: ({ scopeSpans }) =>
      send(JSON.stringify(tracesToJson(scopeSpans)), { 'content-type': 'application/json' }),
    gRPC: (content) => call(encodeTraces(content)),
  };
  /** Whether small bodies are answered; what was sent before them has come by then. */
  const smallOnesGo = async () => {
    for (let round = 0; round < 5; round++)
      if ((await send(encodeTraces(spanOf('small', SMALL))).status) !== 200) return false;
    return true;
  };
  /** Two bodies whose storing does not end. */
  const fill = async () => {
    const sent = ['first', 'second'].map((name) => send(encodeTraces(spanOf(name, LARGE))));
    await until(() => stored.includes('first') && stored.includes('second'));
    return sent;
  };
  return { port, senders, send, stored, open, fill, smallOnesGo };
}

for (const kind of ['protobuf', 'gzip', 'JSON', 'gRPC'])
  t.test(
    `${kind}: a body whose sender has gone before its turn is not stored, and gives its room back`,
    async (t) => {
      const { senders, send, stored, open, fill, smallOnesGo } = await start(t, {
        maxArrivingBytes: 1.5 * MIB,
      });
      const before = await fill();
      const sender = senders[kind] as (content: ReturnType<typeof decoded>) => Sent;
      const isRefused = () => {
        const probe = send(encodeTraces(spanOf('probe', LARGE)));
        const refused = probe.status.then((status) => status === 503);
        return Promise.race([refused, smallOnesGo().then(() => false)]).finally(probe.leave);
      };
      const waiting = ['third', 'fourth', 'fifth'].map((name) => sender(spanOf(name, LARGE)));
      t.ok(await smallOnesGo());
      if (kind !== 'gzip') t.ok(await isRefused(), 'there is no room');
      for (const { leave } of waiting) leave();
      t.ok(await smallOnesGo(), 'and the receiver has seen them go');
      await until(async () => !(await isRefused()));
      open();
      const last = sender(spanOf('last', LARGE));
      t.same(await Promise.all([...before, last].map(({ status }) => status)), [200, 200, 200]);
      t.same(stored.filter((name) => !['small', 'probe'].includes(name)).toSorted(), [
        'first',
        'last',
        'second',
      ]);
    },
  );

for (const kind of ['protobuf', 'gzip', 'JSON', 'gRPC'])
  for (const bytes of [SMALL, LARGE])
    t.test(
      `${kind}, ${bytes} bytes: a sender that gives up and repeats has its body stored once`,
      async (t) => {
        const { senders, stored, open, smallOnesGo } = await start(t);
        const sender = senders[kind] as (content: ReturnType<typeof decoded>) => Sent;
        const body = spanOf('repeated', bytes);
        const first = sender(body);
        await until(() => stored.length > 0);
        first.leave();
        const second = sender(body);
        const third = sender(body);
        await smallOnesGo();
        second.leave();
        await smallOnesGo();
        open();
        t.equal(await third.status, 200);
        t.same(
          stored.filter((name) => name !== 'small'),
          ['repeated'],
        );
      },
    );

t.test(
  'a body that was stored when its sender had left is not stored again when it is repeated',
  async (t) => {
    const { senders, stored, open, smallOnesGo } = await start(t);
    const body = spanOf('repeated', LARGE);
    const first = senders.protobuf?.(body);
    await until(() => stored.length > 0);
    first?.leave();
    await smallOnesGo();
    open();
    await smallOnesGo();
    t.equal(await senders.protobuf?.(body).status, 200);
    t.equal(stored.filter((name) => name === 'repeated').length, 1);
  },
);

for (const bytes of [SMALL, LARGE])
  t.test(
    `a body of ${bytes} bytes that was answered is stored once, whichever way it comes again`,
    async (t) => {
      const { senders, stored, open } = await start(t);
      open();
      const body = spanOf('repeated', bytes);
      for (const kind of ['protobuf', 'gRPC', 'protobuf'])
        t.equal(await senders[kind]?.(body).status, 200, kind);
      t.same(stored, ['repeated']);
    },
  );

t.test(
  'the last thousand bodies are remembered, and a body that was refused is stored when it comes again',
  async (t) => {
    const equal = new EqualBodies();
    const sender = { gone: new AbortController().signal, address: 'traces' };
    const stored: string[] = [];
    const take = (name: string, error?: Error) =>
      equal.take(
        { bytes: Buffer.from(name), contentEncoding: undefined, encoding: 'protobuf', sender },
        async () => {
          if (error !== undefined) throw error;
          stored.push(name);
          return NOTHING;
        },
      );
    await t.rejects(take('refused', new Error('full')));
    await take('refused');
    for (let index = 0; index < 1_000; index++) await take(`body ${index}`);
    for (const name of ['body 999', 'body 0', 'refused']) await take(name);
    t.same(
      ['body 999', 'body 0', 'refused'].map((name) => stored.filter((each) => each === name).length),
      [1, 1, 2],
    );
  },
);

t.test('a sender that left while the receiver was busy has no answer yet', async (t) => {
  const { senders, stored, open } = await start(t);
  const body = spanOf('repeated', LARGE);
  const first = senders.protobuf?.(body);
  await until(() => stored.length > 0);
  first?.leave();
  open(); // before the receiver can see it
  await first?.status;
  t.equal(await senders.protobuf?.(body).status, 200);
  t.same(stored, ['repeated']);
});

for (const [size, bytes] of [
  ['small', SMALL],
  ['large', LARGE],
] as const)
  t.test(
    `a ${size} body whose sender left while the receiver was busy is not stored: its write has not begun`,
    async (t) => {
      const { port, stored, open, smallOnesGo } = await start(t);
      open();
      const body = Buffer.from(encodeTraces(spanOf('left', bytes)));
      const socket = connectTo(port, '127.0.0.1');
      await once(socket, 'connect');
      await smallOnesGo();
      const head = `POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\ncontent-length: ${body.byteLength}\r\n\r\n`;
      const [most, last] = [body.subarray(0, -1), body.subarray(-1)];
      socket.write(Buffer.concat([Buffer.from(head), most]));
      await until(() => socket.writableLength === 0);
      await smallOnesGo();
      // In one turn of the loop, which the receiver sees at its next look at the connections.
      socket.write(last);
      socket.destroy();
      t.ok(await smallOnesGo());
      t.notOk(stored.includes('left'));
    },
  );

t.test('equal bodies for different datasets, and of different signals, are stored each', async (t) => {
  const { send, stored, open } = await start(t);
  const body = encodeTraces(spanOf('equal', LARGE));
  const classic = { 'x-honeycomb-team': 'a'.repeat(32) };
  const sent = ['one', 'two'].map((name) => send(body, { ...classic, 'x-honeycomb-dataset': name }));
  await until(() => stored.length === 2);
  open();
  t.same(await Promise.all(sent.map(({ status }) => status)), [200, 200]);
});

t.test('small bodies are taken while large ones fill the room and the turns', async (t) => {
  const { send, fill, smallOnesGo } = await start(t, { maxArrivingBytes: 4 * MIB });
  await fill();
  const waiting = Array.from({ length: 10 }, () => send(encodeTraces(spanOf('waits', LARGE))));
  t.equal(await Promise.any(waiting.map(({ status }) => status)), 503, 'large ones have no room any more');
  t.ok(await smallOnesGo());
  const nearlySmall = send(encodeTraces(spanOf('small', 400_000)));
  t.equal(await nearlySmall.status, 200);
});
