import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';

/** In the store's directory while an explorer runs there: where its page is. */
const FILE_NAME = 'page.url';

/** Names that a program on this machine uses where a server listens on all addresses. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/** Longest time for the answer of a process that may be no explorer, in milliseconds. */
const TIMEOUT_MS = 1_000;

/** Where a program on this machine reaches a server that listens on `host`. */
export function localUrl(host: string, port: number): string {
  if (ANY_ADDRESS.includes(host) || host === '127.0.0.1' || host === '::1') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Where others reach it; undefined where only this machine does. */
export function outsideUrl(host: string, port: number): string | undefined {
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return undefined;
  const [outside] = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  return localUrl(ANY_ADDRESS.includes(host) ? (outside?.address ?? host) : host, port);
}

/** Notes for another explorer, which finds the store locked, where this one's page is. Returns how to take it back. */
export function noteAddress(directory: string, url: string): () => void {
  const path = join(directory, FILE_NAME);
  try {
    writeFileSync(path, url);
  } catch {} // a full disk: the other one cannot name this one, no more
  return () => rmSync(path, { force: true });
}

/** Where the page of the explorer that has locked the store is; undefined when it has not noted that. */
export function notedAddress(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, FILE_NAME), 'utf8');
  } catch {
    return undefined; // no explorer's: an import, or one that is starting
  }
}

/** Whether a trace explorer answers at `url`, without a token. */
export async function isExplorerAt(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/api/status`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const status: unknown = await response.json();
    return typeof status === 'object' && status !== null && 'max_bytes' in status;
  } catch {
    return false;
  }
}
