import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Addresses } from './workspace.ts';

/**
 * Makes sure that the workspace's ports are free before anything starts: what answers there already could be taken for
 * our own process.
 *
 * @throws Error naming the port, the process that needs it and the variable that moves it
 */
export async function checkPorts(addresses: Addresses): Promise<void> {
  const needed: [URL, string, string][] = [
    [addresses.page, 'explorer', 'FRONTEND_URL=http://localhost:<another port>'],
    [addresses.otlp, 'explorer', 'OTLP_PORT=<another port>'],
    [addresses.userLookup, 'user-lookup', 'USER_LOOKUP_URL=http://localhost:<another port>'],
    [addresses.api, 'activities-api', 'BACKEND_URL=http://localhost:<another port>'],
  ];
  for (const [{ port }, name, remedy] of needed) {
    if (await isFree(Number(port || 80))) continue;
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
