import { isIP } from 'node:net';

const HOST = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]+))(?::\d{1,5})?$/;

/**
 * Makes a test for `Host` headers: whether a request is addressed to this machine by a name that no stranger's DNS can
 * point here (against DNS rebinding). An address instead of a name always is: rebinding needs a name.
 *
 * @param allowed further names, without ports
 *
 * @example
 * const isOurs = hostTest(['explorer']);
 * isOurs('localhost:3000'); // true
 * isOurs('rebound.example:3000'); // false
 */
export function hostTest(allowed: readonly string[]): (host: string) => boolean {
  const names = new Set(['localhost', ...allowed.map((name) => name.toLowerCase())]);
  return (host) => {
    const { v6, name = '' } = HOST.exec(host)?.groups ?? {};
    if (v6 !== undefined) return isIP(v6) === 6;
    const plain = name.toLowerCase();
    return isIP(plain) === 4 || plain.endsWith('.localhost') || names.has(plain);
  };
}

/** `Host` headers as they came: Node keeps the first of them, and who is in front of it may have gone by another. */
export function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count++;
  }
  return count;
}

/** A refused `Host` header as a problem's detail names it: `variable` is where its name can be allowed. */
export function hostDetail(host: string, variable: string): string {
  const shown = JSON.stringify(host.slice(0, 80));
  return `Requests for the host ${shown} are not answered. If that name is yours, add it to ${variable}.`;
}

/** Whether an address or name to listen on is reached from this machine only. */
export function isThisMachine(host: string): boolean {
  return host === '::1' || host === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
