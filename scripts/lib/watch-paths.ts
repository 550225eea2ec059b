import { watch } from 'chokidar';

/** Saving all files, or a checkout, is one change. */
const SETTLE_MS = 100;

/**
 * Watches files and folders, with what is in them now and later. Files that are replaced instead of written, as git and
 * many editors do it, stay watched, which `node --watch` loses sight of.
 *
 * @param onChange gets one of the paths that changed, once they have stopped to
 */
export function watchPaths(
  paths: readonly string[],
  onChange: (path: string) => void,
): { readonly ready: Promise<void>; close(): Promise<void> } {
  const watcher = watch([...paths], { ignoreInitial: true, atomic: SETTLE_MS });
  let timer: NodeJS.Timeout | undefined;
  watcher.on('all', (_event, path) => {
    clearTimeout(timer);
    timer = setTimeout(() => onChange(path), SETTLE_MS);
  });
  return {
    ready: new Promise((resolve) => watcher.once('ready', resolve)),
    close() {
      clearTimeout(timer);
      return watcher.close();
    },
  };
}
