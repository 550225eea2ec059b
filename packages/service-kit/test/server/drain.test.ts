import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { drainOf } from '../../src/server/drain.ts';

t.test('a caller who breaks the connection off while the server ends is no error of the end', async (t) => {
  const server = createServer((_, response) => response.write('a part'));
  const drain = drainOf(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const request = get({ port, host: '127.0.0.1' }).on('error', () => {});
  const [response] = await once(request, 'response');
  response.on('error', () => {});
  const closed = once(server, 'close');
  const ended = drain.end(0, () => new Promise((resolve) => server.close(resolve)));
  // After the port is closed, while the last answers leave.
  await sleep(150);
  request.socket?.resetAndDestroy();
  await t.resolves(ended);
  await closed;
});
