import nodeModule from 'node:module';
import { pathToFileURL } from 'node:url';
import { quietly } from '../api/quietly.ts';
import type { StartInstrumentation } from '../instrumentation.ts';
import { loadEntry } from '../settings/optional-package.ts';
import type * as InjectedChannels from './index.ts';

/** The libraries of the table in `libraries.ts`, whose code is loaded with the first of them. */
export const LIBRARIES: ReadonlySet<string> = new Set([
  '@libsql/client',
  'better-sqlite3',
  'bullmq',
  'kafkajs',
  'mariadb',
  'postgres',
]);

const INSTALLED = '/node_modules/';

/**
 * Spans of libraries that publish nothing: they get tracing channels while Node loads them. Nothing else of a process is
 * looked at but the names of its files. TRACE_INJECTED_CHANNELS=false leaves all libraries as they are.
 *
 * An import of a library gets its CommonJS, which Node compiles by a method that can be wrapped. A hook for the loading of ES
 * modules would stand before all files of the app: behind one, Node 22 cannot require ES modules, as Express 5 does.
 */
export function injectedChannels(): StartInstrumentation {
  return ({ provider, settings, log }) => {
    if (provider === undefined || !settings.injectedChannels) return undefined;
    const stops: (() => void)[] = [];
    const change = (url: string, source: string): string | undefined => {
      const library = libraryOf(url);
      if (library === undefined) return undefined;
      try {
        return injected().withChannels({ library, url, source, log, stops });
      } catch (error) {
        log.warn({ err: error }, `${library} is loaded as it is, without spans.`);
        return undefined;
      }
    };
    let isBuiltinTraced = false;
    const traceBuiltin = () => {
      if (isBuiltinTraced) return;
      isBuiltinTraced = true;
      quietly(() => stops.push(injected().traceNodeSqlite()));
    };
    const resolves = nodeModule.registerHooks({
      resolve(specifier, context, next) {
        const resolved = next(specifier, context);
        if (resolved.url === 'node:sqlite') traceBuiltin();
        // Node 22.15 has a Set.
        const isImported = [...(context.conditions ?? [])].includes('import');
        if (!isImported || libraryOf(resolved.url) === undefined || isPath(specifier)) return resolved;
        try {
          const file = nodeModule.createRequire(context.parentURL ?? resolved.url).resolve(specifier);
          return { ...resolved, url: pathToFileURL(file).href, format: 'commonjs' };
        } catch {
          return resolved; // only an import finds it
        }
      },
    });
    stops.push(() => resolves.deregister(), compileWith(change));
    return () => {
      for (const stop of stops.splice(0)) stop();
    };
  };
}

const injected = () => loadEntry<typeof InjectedChannels>('injected-channels');

type Change = (url: string, source: string) => string | undefined;

const isPath = (specifier: string) => /^[./]|^file:/.test(specifier);
interface Compiling {
  _compile(source: string, file: string, ...rest: unknown[]): unknown;
}

/** Changes CommonJS, whoever reads its files: Node, or another loader such as tsx. Returns how to stop. */
function compileWith(change: Change): () => void {
  const prototype: Compiling = nodeModule.prototype as never;
  const { _compile } = prototype;
  const compile: Compiling['_compile'] = function (this: unknown, source, file, ...rest) {
    const changed = change(file.replaceAll('\\', '/'), source);
    return Reflect.apply(_compile, this, [changed ?? source, file, ...rest]);
  };
  prototype._compile = compile;
  return () => {
    if (prototype._compile === compile) prototype._compile = _compile;
  };
}

/** The library of the table that a file belongs to. */
function libraryOf(url: string): string | undefined {
  const at = url.lastIndexOf(INSTALLED);
  if (at === -1) return undefined;
  const [name = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(url.slice(at + INSTALLED.length)) ?? [];
  return LIBRARIES.has(name) ? name : undefined;
}
