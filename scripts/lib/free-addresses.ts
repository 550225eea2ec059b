import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Addresses } from './workspace.ts';

/** Addresses on ports that nobody listens on now. */
export async function freeAddresses(): Promise<Addresses> {
  const [page, api, userLookup, otlp] = await Promise.all([freeUrl(), freeUrl(), freeUrl(), freeUrl()]);
  return { page, api, userLookup, otlp };
}

async function freeUrl(): Promise<URL> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP port was expected.');
  server.close();
  await once(server, 'close');
  return new URL(`http://localhost:${address.port}`);
}
