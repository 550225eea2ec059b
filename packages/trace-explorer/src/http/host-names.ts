import { isIP } from 'node:net';

const HOST = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]+))(?::\d{1,5})?$/;

/**
 * Makes a test for `Host` headers: whether the header has a name of this machine that no stranger's DNS can point here. An
 * address instead of a name always passes, because DNS rebinding needs a name.
 *
 * @param allowed further names, without ports
 *
 * @example
 * const isOurs = hostTest(['explorer']);
 * isOurs('localhost:4319'); // true
 * isOurs('rebound.example:4319'); // false
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
