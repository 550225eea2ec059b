import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import { stopListening } from '../../src/server/stop-listening.ts';

const LIMIT_MS = 20_000;
const REQUEST = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';

async function start() {
  const server = createServer((_request, response) => response.end('ok'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/** What a client gets: the status line and headers, or an error's code. */
async function ask(socket: Socket): Promise<string> {
  socket.write(REQUEST);
  return text(socket).catch((error: NodeJS.ErrnoException) => String(error.code));
}

for (const turn of [1, 2, 3, 5, 8]) {
  t.test(
    `a connection that comes in turn ${turn}, after the process looked, is answered or refused`,
    async (t) => {
      const { server, port } = await start();
      let turns = 0;
      let client: Promise<string> | undefined;
      const countTurns = () => {
        // The kernel takes it within the call, and this comes before `stopListening` goes on in the same turn.
        if (++turns === turn) client = ask(connect(port, '127.0.0.1'));
        if (turns < turn) setImmediate(countTurns);
      };
      setImmediate(countTurns);
      await stopListening(server, LIMIT_MS);
      t.notOk(server.listening);
      t.match(await until(() => client), /^HTTP\/1\.1 200 |^ECONNREFUSED$/);
    },
  );
}

t.test('the port is closed before connections that are idle: who comes meanwhile is refused', async (t) => {
  const { server } = await start();
  const { closeIdleConnections } = server;
  let wasListening: boolean | undefined;
  server.closeIdleConnections = () => {
    wasListening ??= server.listening;
    closeIdleConnections.call(server);
  };
  await stopListening(server, LIMIT_MS);
  t.equal(wasListening, false);
});

t.test('a connection of before is answered when its request comes after the port was closed', async (t) => {
  const { server, port } = await start();
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  await stopListening(server, LIMIT_MS);
  t.notOk(server.listening);
  const answer = await ask(socket);
  t.match(answer, /^HTTP\/1\.1 200 /);
  t.match(answer, /^connection: close\r$/im, 'and its client sends no second one on it');
});

t.test('the port is closed at the limit although others still come', async (t) => {
  const { server, port } = await start();
  let stopped = false;
  const clients = new Set<Socket>();
  const another = () => {
    if (stopped) return;
    clients.add(connect(port, '127.0.0.1').on('error', () => {}));
    setImmediate(another);
  };
  setImmediate(another);
  await stopListening(server, 50);
  stopped = true;
  t.notOk(server.listening);
  for (const client of clients) client.destroy();
  server.closeAllConnections();
});
