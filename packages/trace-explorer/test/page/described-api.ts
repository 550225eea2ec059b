import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const DOCUMENT = new URL('../../../../docs/openapi/activities-api.json', import.meta.url);
let described: Promise<string> | undefined;

/**
 * The address of an API that answers with activities-api's description, which *Try it* reads, and with nothing else. Each process
 * has one.
 */
export function describedApi(root: { teardown(fn: () => unknown): void }): Promise<string> {
  described ??= listen();
  return described;

  async function listen(): Promise<string> {
    const document = await readFile(DOCUMENT);
    const server = createServer((request, response) => {
      const isAsked = request.url === '/documentation/json';
      response.writeHead(isAsked ? 200 : 404, {
        'content-type': 'application/json',
        'access-control-allow-origin': '*',
      });
      response.end(isAsked ? document : '{}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    root.teardown(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}
