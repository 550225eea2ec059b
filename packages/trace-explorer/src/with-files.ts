import type { AddressInfo } from 'node:net';
import { buildExplorer } from './app.ts';
import { ExplorerClient } from './core/command/client/explorer-client.ts';
import { importFrom } from './core/command/files/import-from.ts';
import { temporaryFolder, tmpdirProblem } from './core/command/files/temporary-folder.ts';
import { removeAfter } from './core/command/files/whole-file.ts';
import type { NodePart } from './core/door/node.ts';
import { openStore } from './core/store/store.ts';

/** Also an old run can be read. */
const KEPT_MS = 3650 * 24 * 60 * 60 * 1000;

/**
 * Asks an explorer of its own about files: it listens on this machine alone, and its folder is removed afterwards.
 * @param name what the progress calls a temporary file
 * @throws CliError for a file that cannot be read
 */
export async function withFiles<T>(
  paths: readonly string[],
  ask: (client: ExplorerClient) => Promise<T>,
  parts: readonly NodePart[],
  name?: string,
): Promise<T> {
  const directory = temporaryFolder('trace-explorer-');
  return removeAfter(directory, async () => {
    const store = await openStore({ directory, maxAgeMs: KEPT_MS }).catch((error: unknown) => {
      throw tmpdirProblem(error);
    });
    const app = await buildExplorer({ store, parts });
    try {
      await app.listen({ port: 0, host: '127.0.0.1' });
      const client = new ExplorerClient(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
      for (const path of paths) await importFrom(client, path, { name, mix: true });
      return await ask(client);
    } finally {
      await app.close();
      await store.close();
    }
  });
}
