import nodeModule from 'node:module';
import { join } from 'node:path';
import { nextTick } from 'node:process';
import { asOriginal } from '../../common/as-original.ts';
import { compareVersions } from '../../common/compare-versions.ts';

/** The channel on which the last line of a file of ES modules says what the file exports. */
export const MODULE_LOADED = '@tandem/telemetry:module-loaded';

/** A module of CommonJS. */
export interface CommonJs {
  exports: unknown;
  loaded: boolean;
}

type Options = { readonly conditions?: unknown };

/** The used parts of Node's loader of CommonJS. */
interface Loader {
  _resolveFilename(request: string, parent: unknown, isMain: boolean, options?: Options): string;
  readonly _cache: Record<string, CommonJs | undefined>;
  _nodeModulePaths(folder: string): string[];
}
const loader = nodeModule as unknown as Loader;

/** The first versions of Node in which a hook for loading, even an idle one, breaks no app (nodejs/node#59929). */
const HOOKED_FROM = ['22.22.3', '24.11.1', '25.1.0', '26.0.0'];

/**
 * The version of Node from which on a hook for the loading of modules can stand before the files of an app; undefined if this
 * version is one of them.
 */
export function loadHooksFrom(version: string): string | undefined {
  const majorOf = (each: string) => Number.parseInt(each, 10);
  const first = HOOKED_FROM.find((each) => majorOf(each) >= majorOf(version));
  return first === undefined || compareVersions(version, first) >= 0 ? undefined : first;
}

let isAccepting = false;

/**
 * Node passes conditions on where there is a hook for names, and Yarn's Plug'n'Play refuses them. Each such hook calls this
 * before it goes on: Plug'n'Play is there once the process has loaded its file.
 */
export function acceptConditions(): void {
  if (isAccepting || process.versions.pnp === undefined) return;
  isAccepting = true;
  const { _resolveFilename: resolve } = loader;
  loader._resolveFilename = (request, parent, isMain, { conditions: _, ...options } = {}) =>
    resolve(request, parent, isMain, options);
}

/**
 * Calls back with the folder of each file of CommonJS that Node is about to load, whoever reads it: Node asks for the folders
 * of its packages first. No function of ours is on the stack when the file runs, or when it is not found. Returns how to stop.
 */
export function watchFolders(look: (folder: string) => void): () => void {
  const { _nodeModulePaths: pathsFrom } = loader;
  const watched = function (this: unknown, folder: string) {
    silently(() => look(folder));
    return Reflect.apply(pathsFrom, this, [folder]);
  };
  loader._nodeModulePaths = asOriginal(watched, pathsFrom);
  return () => {
    if (loader._nodeModulePaths === watched) loader._nodeModulePaths = pathsFrom;
  };
}

const awaited = new WeakSet<CommonJs>();

/**
 * Calls back when a file of CommonJS in such a folder has run, before anybody gets what it exports. A file that is not being
 * loaded is left alone. No function of ours is on the stack while it runs.
 */
export function whenLoaded(folder: string, file: string, then: (module: CommonJs) => void): void {
  const path = join(folder, file);
  const module = loader._cache[path];
  if (module !== undefined) awaitLoaded(module, then);
  else if (!Object.hasOwn(loader._cache, path)) awaitEntry(path, then);
}

/** Node says in the module that it is loaded. */
function awaitLoaded(module: CommonJs, then: (module: CommonJs) => void): void {
  if (module.loaded || awaited.has(module)) return;
  awaited.add(module);
  Object.defineProperty(module, 'loaded', {
    configurable: true,
    enumerable: true,
    get: () => false,
    set(value) {
      define(module, 'loaded', value);
      if (value === true) silently(() => then(module));
    },
  });
}

/** For an import, Node asks for the folders just before it puts the module into the cache. */
function awaitEntry(path: string, then: (module: CommonJs) => void): void {
  const set = (module: CommonJs) => {
    define(loader._cache, path, module);
    silently(() => awaitLoaded(module, then));
  };
  Object.defineProperty(loader._cache, path, { configurable: true, get: () => undefined, set });
  nextTick(() => {
    if (Object.getOwnPropertyDescriptor(loader._cache, path)?.set === set) delete loader._cache[path];
  });
}

function define(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, configurable: true, enumerable: true, writable: true });
}

/**
 * Like `quietly`, without OpenTelemetry's API: `run` loads this file before telemetry, and the API is the app's. Also around a
 * look at a name: an app may have replaced the methods of texts.
 */
export function silently(work: () => void): void {
  try {
    work();
  } catch {
    // Node's loader goes on
  }
}
