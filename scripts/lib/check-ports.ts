import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Addresses } from './addresses.ts';
import { portOf } from './addresses.ts';

/**
 * Checks that the workspace's ports are free before anything starts. Otherwise, an older process on a port could pass for
 * a new one.
 *
 * @param grpcPort port of the explorer's OTLP/gRPC receiver; undefined when it is switched off
 * @throws Error naming the port, the process that needs it and the variable that moves it
 */
export async function checkPorts(addresses: Addresses, grpcPort: number | undefined): Promise<void> {
  const needed = [
    [portOf(addresses, 'page'), 'explorer', 'EXPLORER_URL=http://localhost:<another port>'],
    [portOf(addresses, 'otlp'), 'explorer', 'OTLP_PORT=<another port>'],
    [grpcPort, 'explorer', 'OTLP_GRPC_PORT=<another port, or off>'],
    [portOf(addresses, 'userLookup'), 'user-lookup', 'USER_LOOKUP_URL=http://localhost:<another port>'],
    [portOf(addresses, 'api'), 'activities-api', 'BACKEND_URL=http://localhost:<another port>'],
  ] as const;
  const taken = new Map<number, string>();
  for (const [port, name, remedy] of needed) {
    if (port === undefined) continue;
    const other = taken.get(port);
    if (other !== undefined)
      throw new Error(`${other} and ${name} would both use port ${port}: set ${remedy}.`);
    taken.set(port, name);
    if (await isFree(port)) continue;
    throw new Error(
      `Port ${port}, which ${name} needs, is in use: does Tandem run already? Stop that program, or set ${remedy} in .env, where the other commands read it, too.`,
    );
  }
}

/**
 * True when the port is free on loopback, on IPv4 and IPv6. Our processes listen on IPv4; a browser asks IPv6 first for
 * `localhost`.
 */
export async function isFree(port: number): Promise<boolean> {
  const [v4, v6] = [await listenError(port, '127.0.0.1'), await listenError(port, '::1')];
  return v4 === undefined && v6 !== 'EADDRINUSE'; // a machine may have no IPv6
}

/** The error code of listening on the port; undefined when it works. */
async function listenError(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  } finally {
    server.close();
  }
}
