import nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import type { StartInstrumentation } from '../instrumentation.ts';
import { loadEntry } from '../settings/optional-package.ts';
import type * as InjectedChannels from './index.ts';

/** The libraries of the table in `libraries.ts`, whose code is loaded with the first of them. */
export const LIBRARIES: ReadonlySet<string> = new Set([
  '@electric-sql/pglite',
  'better-sqlite3',
  'bullmq',
  'kafkajs',
  'libsql',
  'mariadb',
  'node:sqlite',
  'postgres',
  'undici',
]);

const INSTALLED = '/node_modules/';

/** A module of CommonJS. */
interface Compiled {
  exports: unknown;
  _compile(source: string, file: string, ...rest: unknown[]): unknown;
}

/**
 * Spans of libraries that publish nothing: what their files export gets tracing channels when Node has loaded them. Of other
 * files nothing is looked at but their names. TRACE_INJECTED_CHANNELS=false leaves all libraries as they are.
 *
 * An import of a library gets its CommonJS, which Node compiles by a method that can be wrapped. A hook for the loading of ES
 * modules would stand before all files of the app: behind one, Node 22 cannot require ES modules, as Express 5 does.
 */
export function injectedChannels(): StartInstrumentation {
  return ({ provider, settings, log }) => {
    if (provider === undefined || !settings.injectedChannels) return undefined;
    const stops = new Map<string, () => void>();
    const told = new Set<string>();
    const give = (library: string, file: string, module: { exports: unknown }) => {
      try {
        const { giveChannels } = loadEntry<typeof InjectedChannels>('injected-channels');
        giveChannels({ library, file, module, stops });
      } catch (error) {
        if (!told.has(library)) log.warn({}, `${library} has no spans: ${Object(error).message}`);
        told.add(library);
      }
    };
    const resolves = nodeModule.registerHooks({
      resolve(specifier, context, next) {
        acceptConditions();
        const resolved = next(specifier, context);
        const { url } = resolved;
        if (url === 'node:sqlite') give(url, '', { exports: process.getBuiltinModule(url) });
        // Node 22.15 has a Set.
        const isImported = [...(context.conditions ?? [])].includes('import');
        if (!isImported || libraryOf(url) === undefined || isPath(specifier)) return resolved;
        try {
          const file = nodeModule.createRequire(context.parentURL ?? url).resolve(specifier);
          return { ...resolved, url: pathToFileURL(file).href, format: 'commonjs' };
        } catch {
          return resolved; // only an import finds it
        }
      },
    });
    // Whoever reads the files: Node, or another loader such as tsx. The stack of each file of CommonJS has a frame of this; a
    // getter that spares others the frame breaks dd-trace, which then wraps the getter.
    const prototype: Compiled = nodeModule.prototype as never;
    const { _compile } = prototype;
    const compile: Compiled['_compile'] = function (this: Compiled, source, file, ...rest) {
      const compiled = Reflect.apply(_compile, this, [source, file, ...rest]);
      const path = file.replaceAll('\\', '/');
      const library = libraryOf(path);
      if (library !== undefined) give(library, path, this);
      return compiled;
    };
    prototype._compile = compile;
    return () => {
      resolves.deregister();
      if (prototype._compile === compile) prototype._compile = _compile;
      for (const stop of stops.values()) stop();
    };
  };
}

type Options = { readonly conditions?: unknown };
interface Resolving {
  _resolveFilename(request: string, parent: unknown, isMain: boolean, options?: Options): string;
}
let isAccepting = false;

/** Yarn's Plug'n'Play, once it is there, refuses the conditions that Node passes on where there are hooks. */
function acceptConditions(): void {
  if (isAccepting || process.versions.pnp === undefined) return;
  isAccepting = true;
  const loader: Resolving = nodeModule as never;
  const { _resolveFilename: resolve } = loader;
  loader._resolveFilename = (request, parent, isMain, { conditions: _, ...options } = {}) =>
    resolve(request, parent, isMain, options);
}

const isPath = (specifier: string) => /^[./]|^file:/.test(specifier);

/** The library of the table that a file belongs to. */
function libraryOf(url: string): string | undefined {
  const at = url.lastIndexOf(INSTALLED);
  if (at === -1) return undefined;
  const [name = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(url.slice(at + INSTALLED.length)) ?? [];
  return LIBRARIES.has(name) ? name : undefined;
}
