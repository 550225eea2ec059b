import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Finds all addresses of a host, as `lookup` of node:dns does. */
export type FindAddresses = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Looks a host's addresses up, each time beginning with the next one: connections to replicas that share a name are
 * spread over them. The addresses behind the first are still there for a connection that fails.
 *
 * @param find the system's way when left out
 */
export function lookUpInTurn(find: FindAddresses = lookup): LookupFunction {
  let turn = 0;
  return (hostname, options, callback) => {
    find(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const first = turn++ % addresses.length;
      const inTurn = [...addresses.slice(first), ...addresses.slice(0, first)];
      const [next] = inTurn;
      if (options.all === true || next === undefined) callback(null, inTurn);
      else callback(null, next.address, next.family);
    });
  };
}
