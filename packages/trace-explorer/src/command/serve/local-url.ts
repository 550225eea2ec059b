/** Names that a program on this machine uses where a server listens on all addresses. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/** Where a program on this machine reaches a server that listens on `host`. */
export function localUrl(host: string, port: number): string {
  if (ANY_ADDRESS.includes(host) || host === '127.0.0.1' || host === '::1') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
