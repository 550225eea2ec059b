import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Addresses } from './addresses.ts';
import { isFree } from './check-ports.ts';

/**
 * Below the ports that systems give to outgoing connections (from 32,768 on Linux, from 49,152 elsewhere): another program
 * could take such a port while our server restarts.
 */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const MOST_ATTEMPTS = 100;

/**
 * A port of loopback that is free now. No other call, of any process, returns the port until this process ends.
 * @throws Error when a hundred ports are in use
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    // Reserves the port: this process has the UDP port of the same number. The TCP port stays free.
    const reserving = once(createSocket('udp4').unref().bind(port, '127.0.0.1'), 'listening');
    const isReserved = await reserving.then(Boolean, () => false);
    if (isReserved && (await isFree(port))) return port;
  }
  throw new Error(`None of ${MOST_ATTEMPTS} ports from ${FIRST_PORT} was free.`);
}

/** Addresses of the workspace's parts on free ports. */
export async function freeAddresses(): Promise<Addresses> {
  const free = async () => new URL(`http://localhost:${await freePort()}`);
  return { page: await free(), api: await free(), userLookup: await free(), otlp: await free() };
}
