import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeBlindCopy } from '../../beside/api-versions.ts';
import type { StartInstrumentation } from '../../instrumentation.ts';
import { load } from '../../process/load.ts';
import { installedPath, LIBRARIES, libraryOf } from '../libraries.ts';
import { whenFilesLoad } from '../loading/installed-files.ts';
import type { Hearer } from '../loading/loads.ts';
import { hearLoads, isHooked } from '../loading/loads.ts';
import { loadHooksFrom, MODULE_LOADED } from '../loading/module-loading.ts';
import { nameUnheard } from './unheard.ts';

type InjectedChannels = typeof import('./index.ts');

const SQLITE = 'node:sqlite';
/** OpenTelemetry's API, of which an app and its packages may have several versions. */
const API = '@opentelemetry/api/';

/** The installed paths of the files that get channels: what Node loads is looked for in these lists. */
function listed(kind: 'files' | 'modules'): string[] {
  return Object.entries(LIBRARIES).flatMap(([library, row]) =>
    library === SQLITE ? [] : Object.keys(row[kind] ?? {}).map((file) => `${library}/${file}`),
  );
}

/** What the last line of a file of ES modules says: where it is, and what it exports, to be replaced in there. */
interface LoadedModule {
  readonly url: string;
  exports: Record<string, unknown>;
}

/**
 * Spans of libraries that publish nothing: what their files export gets tracing channels when Node has loaded them. Of other
 * files nothing is looked at but their names. TRACE_INJECTED_CHANNELS=false leaves all libraries as they are.
 *
 * A library stays the one that the app asked for. A file of CommonJS is as it was, and waited for. One of ES modules gets a last
 * line, by a hook for loading; where no such hook may stand (`loadHooksFrom`), only CommonJS has spans.
 */
export function injectedChannels(): StartInstrumentation {
  return ({ provider, settings, log }) => {
    if (provider === undefined || !settings.injectedChannels) return undefined;
    const stops = new Map<string, () => void>();
    const told = new Set<string>();
    let isStopped = false;
    const leave = (library: string, url: string, reason: string) => {
      load<InjectedChannels>('injected-channels').announceLeft(library, url, reason);
      if (!told.has(library)) log.warn({}, `${library} has no spans: ${reason}`);
      told.add(library);
    };
    const give = (library: string, file: string, module: { exports: unknown }) => {
      if (isStopped) return;
      try {
        const { giveChannels, sayScans } = load<InjectedChannels>('injected-channels');
        if (library === SQLITE && settings.statementPlans) sayScans();
        giveChannels({
          library,
          file,
          module,
          stops,
        });
      } catch (error) {
        leave(library, pathToFileURL(file).href, Object(error).message);
      }
    };
    const stopWatching = whenFilesLoad(listed('files'), ({ path, file, module }) =>
      give(libraryOf(path), file.replaceAll('\\', '/'), module),
    );
    const look = nameUnheard((line) => log.warn({}, line));
    const stopHearing = hearLoads(hearerFor(give, leave, look));
    const onModule = (message: unknown) => {
      const file = fileURLToPath((message as LoadedModule).url).replaceAll('\\', '/');
      give(libraryOf(installedPath(file)), file, message as LoadedModule);
    };
    subscribe(MODULE_LOADED, onModule);
    return () => {
      isStopped = true;
      stopWatching();
      stopHearing();
      unsubscribe(MODULE_LOADED, onModule);
      for (const stop of stops.values()) stop();
    };
  };
}

type Give = (library: string, file: string, module: { exports: unknown }) => void;
type Leave = (library: string, url: string, reason: string) => void;

/** What is done with each load: of `node:sqlite` and of ES modules nothing else tells. */
function hearerFor(give: Give, leave: Leave, look: (path: string) => void): Hearer {
  const modules = new Set(listed('modules'));
  const lookAtApi = watchApis(leave);
  const needed = loadHooksFrom(process.versions.node);
  const tooOld = `its ES modules get them from Node ${needed} on, and this is ${process.versions.node}.`;
  return {
    folder: (folder) => look(installedPath(folder)),
    file(url) {
      if (url === SQLITE) return give(SQLITE, '', { exports: process.getBuiltinModule(SQLITE) });
      const path = installedPath(url);
      look(path);
      if (path.startsWith(API)) lookAtApi(url);
      else if (!isHooked && modules.has(path)) leave(libraryOf(path), url, tooOld);
    },
    read(url, loaded) {
      const path = installedPath(url);
      if (!modules.has(path)) return loaded;
      const library = libraryOf(path);
      try {
        return load<InjectedChannels>('injected-channels').withLastLine(library, url, loaded);
      } catch (error) {
        leave(library, url, Object(error).message);
        return loaded;
      }
    },
  };
}

/** Tells once of a copy of OpenTelemetry's API whose spans are lost: the newer of two versions sees nothing of the other. */
function watchApis(leave: Leave): (url: string) => void {
  const seen = new Set<string>();
  let isTold = false;
  return (url) => {
    const folder = url.slice(0, url.lastIndexOf(API) + API.length);
    if (isTold || seen.has(folder)) return;
    seen.add(folder);
    const blind = describeBlindCopy(fileURLToPath(url));
    if (blind === undefined) return;
    isTold = true;
    leave(blind.name, url, blind.reason);
  };
}
