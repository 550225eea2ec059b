import { channel } from 'node:diagnostics_channel';
import type { LoadFnOutput, RegisterHooksOptions } from 'node:module';
import nodeModule from 'node:module';
import { installedPath, libraryOf } from '../../common/installed-package.ts';
import { LIBRARIES } from '../libraries.ts';
import { acceptConditions, loadHooksFrom, silently, watchFolders } from './module-loading.ts';
import { resolvePlainly } from './plain-resolution.ts';

/** Names each library of the table before its file runs. The explorer's `run` listens. */
const libraryLoaded = channel('@tandem/telemetry:library-loaded');

/** Whether this Node can have hooks for what files contain; else there are hooks for their names alone. */
export const isHooked: boolean = loadHooksFrom(process.versions.node) === undefined;

/** Hears of what this process loads, before it runs. */
export interface Hearer {
  /** Gets the folder of each file of CommonJS. */
  folder(path: string): void;
  /** Gets the URL of each ES module, of each module of Node, and where `isHooked` of all else. */
  file?(url: string): void;
  /** Gets the text of a file, where `isHooked`. @returns what is loaded in its place */
  read?(url: string, loaded: LoadFnOutput): LoadFnOutput;
}

const hearers = new Set<Hearer>();
let stopFolders: (() => void) | undefined;
let hooks: ReturnType<typeof nodeModule.registerHooks> | undefined;

/** Hears what this process loads. Node's loader is watched once, whoever hears. Returns how to stop. */
export function hearLoads(hearer: Hearer): () => void {
  hearers.add(hearer);
  stopFolders ??= watchFolders((path) => tell((each) => each.folder(path)));
  if (hearer.file !== undefined) hooks ??= nodeModule.registerHooks(HOOKS);
  return () => {
    hearers.delete(hearer);
    if (![...hearers].some(({ file }) => file !== undefined)) {
      hooks?.deregister();
      hooks = undefined;
    }
    if (hearers.size > 0) return;
    stopFolders?.();
    stopFolders = undefined;
  };
}

/** Publishes the library of each file, where somebody listens. Returns how to stop. */
export function publishLibraries(): () => void {
  if (!libraryLoaded.hasSubscribers) return () => {};
  const publish = (path: string) => {
    const library = libraryOf(path);
    if (Object.hasOwn(LIBRARIES, library)) libraryLoaded.publish({ library });
  };
  return hearLoads({
    folder: (path) => publish(installedPath(path)),
    file: (url) => publish(url.startsWith('node:') ? url : installedPath(url)),
  });
}

/** One hearer that fails keeps nothing from the others. */
function tell(say: (hearer: Hearer) => void): void {
  for (const each of hearers) silently(() => say(each));
}

const tellFile = (url: string) => tell((each) => each.file?.(url));

const HOOKS: RegisterHooksOptions = isHooked
  ? {
      load(url, context, next) {
        tellFile(url);
        let loaded = next(url, context);
        tell((each) => {
          loaded = each.read?.(url, loaded) ?? loaded;
        });
        return loaded;
      },
    }
  : {
      resolve(specifier, context, next) {
        acceptConditions();
        const resolved = resolvePlainly(() => next(specifier, context));
        tellFile(resolved.url);
        return resolved;
      },
    };
