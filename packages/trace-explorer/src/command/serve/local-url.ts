/** A server on one of these listens on all addresses: programs on this machine reach it as localhost. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/** The URL of a server that listens on `host`, for programs on this machine. */
export function localUrl(host: string, port: number): string {
  if (ANY_ADDRESS.includes(host) || host === '127.0.0.1' || host === '::1') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
