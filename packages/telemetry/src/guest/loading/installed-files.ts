import { watchFolders, whenLoaded } from './module-loading.ts';

const INSTALLED = '/node_modules/';

/**
 * The path of a file or folder below the folder of packages that it lies in, with slashes and without a query; empty for others.
 * Also in a cache of Yarn and in a store of pnpm.
 *
 * @param of a path or URL
 */
export function installedPath(of: string): string {
  const path = of.replaceAll('\\', '/');
  const at = path.lastIndexOf(INSTALLED);
  return at === -1 ? '' : path.slice(at + INSTALLED.length).replace(/\?.*/, '');
}

/** A file of an installed package, as CommonJS. */
export interface LoadedFile {
  /** The installed path. */
  readonly path: string;
  /** The whole path. */
  readonly file: string;
  readonly module: { exports: unknown };
}

/**
 * Calls back with each file of CommonJS of a list when it has run, before anybody gets what it exports. Returns how to stop.
 *
 * @param paths installed paths
 */
export function whenFilesLoad(paths: readonly string[], then: (loaded: LoadedFile) => void): () => void {
  const folders = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf('/')));
  return watchFolders((folder) => {
    for (const path of folders.get(installedPath(folder)) ?? [])
      whenLoaded(folder, path.slice(path.lastIndexOf('/') + 1), (module) => {
        const { filename } = module as unknown as NodeJS.Module;
        then({ path, file: filename, module });
      });
  });
}
