import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { searchOf } from '../../../lib/text/search-of.ts';
import { placeOf, rootOf } from '../../problems/file/find-file.ts';
import type { ExplorerClient } from '../client/explorer-client.ts';
import type { KeptRun } from './run-file.ts';

/** Where a run was: what nobody knows is undefined. */
export interface RunPlace {
  /** Of its folder in its repository. */
  readonly place: string | undefined;
  /** The folder, where it is there. Of a file that was kept, the one at its place in the repository of the command. */
  readonly folder: string | undefined;
}

/** Where the folder of a run is, as its file or the explorer tells. */
export async function placeOfRun(
  client: ExplorerClient,
  run: string | undefined,
  kept: KeptRun | undefined,
): Promise<RunPlace> {
  if (kept !== undefined) {
    const { place } = kept;
    const root = rootOf(process.cwd());
    const folder = place === undefined || root === undefined ? undefined : join(root, place);
    return { place, folder: folder !== undefined && existsSync(folder) ? folder : undefined };
  }
  if (run === undefined) return { place: undefined, folder: undefined };
  const { folder } = await client.ask<{ folder?: string }>(`/api/code-folder?${searchOf({ run })}`);
  const isThere = folder !== undefined && existsSync(folder);
  return isThere ? { place: placeOf(folder), folder } : { place: undefined, folder: undefined };
}
