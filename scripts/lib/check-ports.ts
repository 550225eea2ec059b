import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Addresses } from './addresses.ts';
import { portOf } from './addresses.ts';

/**
 * Makes sure that the workspace's ports are free before anything starts: what answers there already could be taken for
 * our own process.
 *
 * @throws Error naming the port, the process that needs it and the variable that moves it
 */
export async function checkPorts(addresses: Addresses): Promise<void> {
  const needed: [keyof Addresses, string, string][] = [
    ['page', 'explorer', 'FRONTEND_URL=http://localhost:<another port>'],
    ['otlp', 'explorer', 'OTLP_PORT=<another port>'],
    ['userLookup', 'user-lookup', 'USER_LOOKUP_URL=http://localhost:<another port>'],
    ['api', 'activities-api', 'BACKEND_URL=http://localhost:<another port>'],
  ];
  const taken = new Map<number, string>();
  for (const [part, name, remedy] of needed) {
    const port = portOf(addresses, part);
    const other = taken.get(port);
    if (other !== undefined)
      throw new Error(`${other} and ${name} would both use port ${port}: set ${remedy}.`);
    taken.set(port, name);
    if (await isFree(port)) continue;
    throw new Error(
      `Port ${port}, which ${name} needs, is in use: does Tandem run already? Stop what uses it, or set ${remedy}.`,
    );
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
