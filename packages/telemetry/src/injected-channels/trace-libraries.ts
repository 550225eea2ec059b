import { readFileSync } from 'node:fs';
import type { LoadFnOutput } from 'node:module';
import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { quietly } from '../api/quietly.ts';
import type { StartInstrumentation } from '../instrumentation.ts';
import { loadEntry } from '../settings/optional-package.ts';
import type * as InjectedChannels from './index.ts';

/** The libraries of the table in `libraries.ts`, whose code is loaded with the first of them. */
export const LIBRARIES: ReadonlySet<string> = new Set([
  '@libsql/client',
  'better-sqlite3',
  'bullmq',
  'mariadb',
  'postgres',
]);

const INSTALLED = '/node_modules/';

/**
 * Spans of libraries that publish nothing: they get tracing channels while Node loads them. Nothing else of a process is
 * looked at but the names of its files. TRACE_INJECTED_CHANNELS=false leaves all libraries as they are.
 *
 * A hook for the loading of ES modules is only there while a library is loaded: before Node 24.13, other loaders such as tsx
 * do not work behind one.
 */
export function injectedChannels(): StartInstrumentation {
  return ({ provider, settings, log }) => {
    if (provider === undefined || !settings.injectedChannels) return undefined;
    const stops: (() => void)[] = [];
    /** Libraries whose ES modules are being loaded. */
    const loading = new Set<string>();
    let loads: { deregister(): void } | undefined;
    const change = (url: string, source: string, format: string): string | undefined => {
      const library = libraryOf(url);
      if (library === undefined) return undefined;
      try {
        const done = () => {
          loading.delete(library);
          if (loading.size > 0) return;
          loads?.deregister();
          loads = undefined;
        };
        return injected().withChannels({ library, url, source, format, log, stops, done });
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
        const library = libraryOf(resolved.url);
        // Node 22.15 has a Set.
        if (library !== undefined && [...(context.conditions ?? [])].includes('import')) {
          loading.add(library);
          loads ??= nodeModule.registerHooks({ load: loadWith(change) });
        }
        return resolved;
      },
    });
    stops.push(
      () => resolves.deregister(),
      () => loads?.deregister(),
      compileWith(change),
    );
    return () => {
      for (const stop of stops.splice(0)) stop();
    };
  };
}

const injected = () => loadEntry<typeof InjectedChannels>('injected-channels');

type Change = (url: string, source: string, format: string) => string | undefined;
type Load = NonNullable<Parameters<typeof nodeModule.registerHooks>[0]['load']>;

function loadWith(change: Change): Load {
  return (url, context, next) => {
    const loaded = loadBehindOthers(url, context, next);
    const { source, format } = loaded;
    const changed = source && libraryOf(url) && change(url, textOf(source), format ?? '');
    return changed ? { ...loaded, source: changed } : loaded;
  };
}

/** Node 22.15 takes no empty source from the hook of another loader, although it stands for the file. */
const loadBehindOthers: Load = (url, context, next) => {
  try {
    return next(url, context);
  } catch (error) {
    const isEmpty = Reflect.get(Object(error), 'code') === 'ERR_INVALID_RETURN_PROPERTY_VALUE';
    if (!isEmpty || !url.startsWith('file:')) throw error;
    const source = readFileSync(fileURLToPath(url));
    return { format: context.format ?? 'commonjs', source, shortCircuit: true };
  }
};

interface Compiling {
  _compile(source: string, file: string, ...rest: unknown[]): unknown;
}

/** Changes CommonJS, whoever reads its files: Node, or another loader such as tsx. Returns how to stop. */
function compileWith(change: Change): () => void {
  const prototype: Compiling = nodeModule.prototype as never;
  const { _compile } = prototype;
  const compile: Compiling['_compile'] = function (this: unknown, source, file, ...rest) {
    const changed = change(file.replaceAll('\\', '/'), source, 'commonjs');
    return Reflect.apply(_compile, this, [changed ?? source, file, ...rest]);
  };
  prototype._compile = compile;
  return () => {
    if (prototype._compile === compile) prototype._compile = _compile;
  };
}

function textOf(source: NonNullable<LoadFnOutput['source']>): string {
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}

/** The library of the table that a file belongs to. */
function libraryOf(url: string): string | undefined {
  const at = url.lastIndexOf(INSTALLED);
  if (at === -1) return undefined;
  const [name = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(url.slice(at + INSTALLED.length)) ?? [];
  return LIBRARIES.has(name) ? name : undefined;
}
