import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { buildReceiver } from '../../../src/core/receiver/build-receiver.ts';
import { switchProtocols } from '../../../src/core/receiver/protocol-switch.ts';

/** The event loop does not turn for so many milliseconds. */
function standStill(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

t.test('a connection whose bytes waited while the process stood still is taken', async (t) => {
  const { promise: taken, resolve: take } = Promise.withResolvers<string>();
  const byProtocol = switchProtocols((_, protocol) => take(protocol), 50);
  const server = createServer((socket) => {
    byProtocol.accept(socket);
    client.write('GET / HTTP/1.1\r\n\r\n');
    standStill(100);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => take('none'));
  t.teardown(() => {
    client.destroy();
    server.close();
  });
  t.equal(await taken, 'http/1');
});

t.test('a session of gRPC whose first call waited while the process stood still is answered', async (t) => {
  const app = await buildReceiver({ store: { write: async () => {} }, requestTimeoutMs: 150 });
  t.teardown(() => app.close());
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  const session = connectHttp2(base);
  t.teardown(() => session.destroy());
  const ended = once(session, 'close');
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  const stream = session.request({ ':method': 'POST', ':path': '/none' });
  standStill(100);
  const answered = once(stream, 'response').then(
    () => text(stream),
    () => undefined,
  );
  t.type(await Promise.race([answered, ended.then(() => undefined)]), 'string');
});
