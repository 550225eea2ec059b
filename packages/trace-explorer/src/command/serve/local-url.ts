import { networkInterfaces } from 'node:os';

/** Names that a program on this machine uses where a server listens on all addresses. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

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
