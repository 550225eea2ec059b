import { executionAsyncResource } from 'node:async_hooks';
import { monotonicNow } from '../../common/primordials.ts';
import type { DriverMessage } from './commands.ts';

/** A command that finds a connection waits for 10 to 200 µs; one for which a pool opens a connection, longer than this. */
const MAX_WAIT_MS = 0.5;

/** node-redis: the connections of pools whose present task had to wait for the connection. */
const waited = new Set<string>();

/** node-redis: when the last command of a pool's connection ended, as `performance.now()`. */
const ended = new Map<string, number>();
/** More connections of pools are forgotten: an app may make new pools for ever. */
const MAX_CONNECTIONS = 10_000;

/** ioredis: the servers of clients with `enableAutoPipelining`. */
const autoPipelined = new Set<string>();

/** Notes whether a task of a pool of node-redis has waited: its connection was busy then, or did not exist. */
export function noteWait({ clientId = '', waitStartTimestamp = 0 }: DriverMessage): void {
  const lastEnd = ended.get(clientId);
  if (lastEnd === undefined) {
    if (ended.size >= MAX_CONNECTIONS) ended.clear();
    ended.set(clientId, 0);
  }
  const wasBusy = lastEnd !== undefined && lastEnd > waitStartTimestamp;
  if (wasBusy || monotonicNow() - waitStartTimestamp > MAX_WAIT_MS) waited.add(clientId);
  else waited.delete(clientId);
}

/** Notes the end of a command of a pool of node-redis. */
export function noteEnd({ clientId = '' }: DriverMessage): void {
  if (ended.has(clientId)) ended.set(clientId, monotonicNow());
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
