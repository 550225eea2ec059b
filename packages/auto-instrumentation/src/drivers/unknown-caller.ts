import { executionAsyncResource } from 'node:async_hooks';
import type { DriverMessage } from './commands.ts';

/** A waiting command of a pool waits longer than this time; a command that finds a connection waits for some 10 µs. */
const MAX_WAIT_MS = 0.05;

/** node-redis: the connections of pools whose present task had to wait for the connection. */
const waited = new Set<string>();

/** ioredis: the servers of clients with `enableAutoPipelining`. */
const autoPipelined = new Set<string>();

/** Notes how long a task of a pool of node-redis has waited for its connection. */
export function noteWait({ clientId = '', waitStartTimestamp = 0 }: DriverMessage): void {
  if (performance.now() - waitStartTimestamp > MAX_WAIT_MS) waited.add(clientId);
  else waited.delete(clientId);
}

/**
 * Whether a driver sends a command later, in the context of another caller, and tells nothing of the command's own caller:
 * `enableAutoPipelining` of ioredis, and a task of node-redis that waited in a pool. Such a command has no span, because its
 * span would be in a stranger's trace.
 */
export function isOfUnknownCaller(channel: string, message: DriverMessage): boolean {
  if (channel !== 'ioredis:command') return waited.has(message.clientId ?? '');
  const server = `${message.serverAddress}:${message.serverPort}`;
  // ioredis collects commands for a `setImmediate` with the client as argument, later also for the end of a pipeline.
  const [client] = Reflect.get(executionAsyncResource(), '_argv') ?? [];
  if (client?.options?.enableAutoPipelining === true) autoPipelined.add(server);
  return autoPipelined.has(server);
}
