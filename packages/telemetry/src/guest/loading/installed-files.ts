import { installedPath } from '../../common/installed-package.ts';
import { hearLoads } from './loads.ts';
import { whenLoaded } from './module-loading.ts';

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
  return hearLoads({
    folder(folder) {
      for (const path of folders.get(installedPath(folder)) ?? [])
        whenLoaded(folder, path.slice(path.lastIndexOf('/') + 1), (module) => {
          const { filename } = module as unknown as NodeJS.Module;
          then({ path, file: filename, module });
        });
    },
  });
}
