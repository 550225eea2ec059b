import { subscribe } from 'node:diagnostics_channel';
import nodeModule, { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { installedPath, LIBRARIES, libraryOf } from '@tandem/telemetry/workspace/libraries';
import {
  acceptConditions,
  loadHooksFrom,
  silently,
  watchFolders,
} from '@tandem/telemetry/workspace/module-loading';
import { resolvePlainly } from './plain-resolution.ts';

const require = createRequire(import.meta.url);

/** Drivers that publish nothing that spans could be made of → how OpenTelemetry's own instrumentation of each is started. */
const INSTRUMENTED: Readonly<Record<string, () => unknown>> = {
  mongodb() {
    const { MongoDBInstrumentation } = require('@opentelemetry/instrumentation-mongodb');
    return new MongoDBInstrumentation();
  },
};

const libraries = Object.entries(LIBRARIES);
/** Drivers that publish nothing, and get no instrumentation of OpenTelemetry here. Telemetry gives some their channels. */
const UNTRACED = new Set(libraries.flatMap(([name, { isSilent }]) => (isSilent ? name : [])));
/** Telemetry names a library here that has got channels, and each copy of one that has got none. */
const INJECTED = '@tandem/telemetry:injected-channels';
/** Traces the statements of any driver. */
const TRACED_DIALECT = /\/(?:node_modules\/@tandem|packages)\/telemetry\/(?:src\/service\/)?kysely\b/;

/** By port: the server, and its drivers, some of which are traced or named where they are resolved. */
const SERVERS = Map.groupBy(
  libraries.flatMap(([driver, { server }]) =>
    server === undefined ? [] : [{ port: server[0], server: server[1], driver }],
  ),
  ({ port }): number | undefined => port,
);

/** A message of telemetry. */
interface Injected {
  readonly library: string;
  /** Why a copy has no channels. */
  readonly reason?: string;
}

/** A file, a folder or a module of Node → the driver that it belongs to; `traced-dialect` for what traces any driver. */
function driverOf(path: string): string | undefined {
  if (path === 'node:sqlite') return path;
  const name = libraryOf(installedPath(path));
  if (UNTRACED.has(name) || Object.hasOwn(INSTRUMENTED, name)) return name;
  return TRACED_DIALECT.test(path) ? 'traced-dialect' : undefined;
}

/**
 * Traces drivers of databases from the moment that the process loads a file of one: an instrumentation patches the files that
 * come after it. Node below 22.22.3 and 24.11.1 tells the names of ES modules alone, before it has found them.
 *
 * @param onUse is told each driver once, each copy of one that has no channels, with the reason, and each server that is asked
 * by another: in a bundle no driver has a name
 */
export function traceDatabaseDrivers(
  onUse: (
    use: 'driver' | 'untraced-driver' | 'injected-driver' | 'untraced-copy' | 'traced-dialect' | 'connection',
    name: string,
    reason?: string,
  ) => void,
): void {
  const seen = new Set<string>();
  subscribe(INJECTED, (message) => {
    const { library, reason } = message as Injected;
    onUse(reason === undefined ? 'injected-driver' : 'untraced-copy', library, reason);
  });
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { readonly socket: Socket };
    socket.once('connect', () => {
      const drivers = SERVERS.get(socket.remotePort) ?? [];
      const [{ server } = {}] = drivers;
      if (server === undefined || seen.has(server) || drivers.some(({ driver }) => seen.has(driver))) return;
      seen.add(server);
      onUse('connection', `${server} (${socket.remoteAddress}:${socket.remotePort})`);
    });
  });
  const look = (path: string) => {
    const name = driverOf(path.replaceAll('\\', '/'));
    if (name === undefined || seen.has(name)) return;
    seen.add(name);
    const start = Object.hasOwn(INSTRUMENTED, name) ? INSTRUMENTED[name] : undefined;
    start?.();
    if (name === 'traced-dialect') onUse(name, '');
    else onUse(start === undefined ? 'untraced-driver' : 'driver', name);
  };
  watchFolders(look);
  const isHooked = loadHooksFrom(process.versions.node) === undefined;
  nodeModule.registerHooks(
    isHooked
      ? {
          load(url, context, next) {
            silently(() => look(url));
            return next(url, context);
          },
        }
      : {
          resolve(specifier, context, next) {
            acceptConditions();
            const found = resolvePlainly(() => next(specifier, context)); // throws where the driver is not installed
            silently(() => look(found.url));
            return found;
          },
        },
  );
}
