import nodeModule from 'node:module';
import type { StartInstrumentation } from '../instrumentation.ts';
import { loadEntry } from '../settings/optional-package.ts';
import type * as InjectedChannels from './index.ts';

/** The libraries of the table in `libraries.ts`, whose code is loaded with the first of them. */
export const LIBRARIES: ReadonlySet<string> = new Set(['postgres']);

const INSTALLED = '/node_modules/';

/**
 * Spans of libraries that publish nothing: they get tracing channels while Node loads them. Nothing else of a process is
 * looked at but the names of its files. TRACE_INJECTED_CHANNELS=false leaves all libraries as they are.
 */
export function injectedChannels(): StartInstrumentation {
  return ({ provider, settings, log }) => {
    if (provider === undefined || !settings.injectedChannels) return undefined;
    const stops: (() => void)[] = [];
    const hooks = nodeModule.registerHooks({
      load(url, context, next) {
        const loaded = next(url, context);
        const library = libraryOf(url);
        if (library === undefined) return loaded;
        try {
          const { withChannels } = loadEntry<typeof InjectedChannels>('injected-channels');
          return withChannels(library, url, loaded, log, stops);
        } catch (error) {
          log.warn({ err: error }, `${library} is loaded as it is, without spans.`);
          return loaded;
        }
      },
    });
    return () => {
      hooks.deregister();
      for (const stop of stops.splice(0)) stop();
    };
  };
}

/** The library of the table that a file belongs to. */
function libraryOf(url: string): string | undefined {
  const at = url.lastIndexOf(INSTALLED);
  if (at === -1) return undefined;
  const [name = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(url.slice(at + INSTALLED.length)) ?? [];
  return LIBRARIES.has(name) ? name : undefined;
}
