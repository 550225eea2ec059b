import type { AddressInfo } from 'node:net';
import { ExplorerClient } from '../../../src/core/command/client/explorer-client.ts';
import { importFrom } from '../../../src/core/command/files/import-from.ts';
import type { WithFiles } from '../../../src/core/command/files/run-file.ts';
import { temporaryExplorer } from '../../explorer.ts';

/**
 * One explorer for all files that the commands of a test file read, each of which is stored once: an explorer for each command takes a
 * second. For commands that ask about runs, and not about all that is stored.
 */
export function sharedFiles(t: Parameters<typeof temporaryExplorer>[0]): WithFiles {
  const files = new Map<string, Promise<unknown>>();
  let started: Promise<ExplorerClient> | undefined;
  const start = async () => {
    const { app } = await temporaryExplorer(t);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return new ExplorerClient(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
  };
  return async (paths, ask, name) => {
    started ??= start();
    const client = await started;
    for (const path of paths) {
      const stored = files.get(path) ?? importFrom(client, path, { name, mix: true });
      files.set(path, stored);
      await stored;
    }
    return ask(client);
  };
}
