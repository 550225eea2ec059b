import type { Addresses } from './addresses.ts';
import { freePort } from './free-port.ts';

/** Addresses on ports that nobody listens on now. */
export async function freeAddresses(): Promise<Addresses> {
  const [page, api, userLookup, otlp] = await Promise.all([freeUrl(), freeUrl(), freeUrl(), freeUrl()]);
  return { page, api, userLookup, otlp };
}

async function freeUrl(): Promise<URL> {
  return new URL(`http://localhost:${await freePort()}`);
}
