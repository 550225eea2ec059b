import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';
import type { FindAddresses } from '../../src/user-lookup/look-up-in-turn.ts';
import { lookUpInTurn } from '../../src/user-lookup/look-up-in-turn.ts';
import { createUserLookupClient } from '../../src/user-lookup-client.ts';

const soon = () => performance.now() + 5000;

/** Two replicas that have one port and a name: how many calls each has answered, on how many connections. */
async function startReplicas(t: Test, options: { readonly maxConnectionAgeMs?: number } = {}) {
  const replicas: { calls: number; connections: number }[] = [];
  let port = 0;
  for (const host of ['127.0.0.1', '127.0.0.2']) {
    const replica = { calls: 0, connections: 0 };
    const server = createServer((request, response) => {
      replica.calls++;
      const missing = new URL(request.url ?? '', 'http://x').searchParams.getAll('handle');
      setImmediate(() => response.end(JSON.stringify({ users: [], missing })));
    });
    server.on('connection', () => replica.connections++);
    server.listen(port, host);
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    replicas.push(replica);
    t.teardown(() => {
      server.close();
      server.closeAllConnections();
    });
  }
  const client = createUserLookupClient(`http://user-lookup:${port}`, { findAddresses, ...options });
  t.teardown(() => client.close());
  return { replicas, client };
}

const findAddresses: FindAddresses = (_hostname, _options, callback) =>
  callback(null, [
    { address: '127.0.0.1', family: 4 },
    { address: '127.0.0.2', family: 4 },
  ]);

t.test('calls at the same time are spread over the replicas', async (t) => {
  const { replicas, client } = await startReplicas(t);
  for (let round = 0; round < 10; round++)
    await Promise.all(Array.from({ length: 10 }, () => client.find(['bayko'], soon())));
  const calls = replicas.map((replica) => replica.calls);
  t.ok(Math.min(...calls) >= 25, `${calls.join(' and ')} of 100 calls`);
});

t.test('a connection is not used for ever: calls one after the other reach every replica', async (t) => {
  const { replicas, client } = await startReplicas(t, { maxConnectionAgeMs: 20 });
  await until(async () => {
    await client.find(['bayko'], soon());
    return replicas.every(({ calls }) => calls > 0);
  });
  for (const { calls } of replicas) t.ok(calls > 0, `${calls} calls`);
});

t.test('connections are kept until then', async (t) => {
  const { replicas, client } = await startReplicas(t);
  for (let call = 0; call < 20; call++) await client.find(['bayko'], soon());
  const connections = replicas.reduce((sum, replica) => sum + replica.connections, 0);
  t.ok(connections <= 3, `${connections} connections for 20 calls`);
});

t.test('addresses take turns, for whoever asks for one and for whoever asks for all', (t) => {
  const look = lookUpInTurn(findAddresses);
  const seen: unknown[] = [];
  look('user-lookup', { all: true }, (_error, addresses) => seen.push(addresses));
  look('user-lookup', {}, (_error, address, family) => seen.push([address, family]));
  look('user-lookup', {}, (_error, address) => seen.push(address));
  t.match(seen[0], [{ address: '127.0.0.1' }, { address: '127.0.0.2' }]);
  t.same(seen.slice(1), [['127.0.0.2', 4], '127.0.0.1']);
  t.end();
});

t.test('a name that is not found is the error of the look-up', (t) => {
  const error = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  lookUpInTurn((_hostname, _options, callback) => callback(error, []))('nobody', {}, (given) => {
    t.equal(given, error);
    t.end();
  });
});
