import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { LIBRARIES } from '@tandem/telemetry/workspace/libraries';

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
/** And each library of its table, before a file of it runs. */
const LOADED = '@tandem/telemetry:library-loaded';
/** And that it traces the statements of any driver. */
const TRACED_DIALECT = '@tandem/telemetry:traced-dialect';

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

/**
 * Traces drivers of databases from the moment that telemetry names one, before the process runs a file of it: an instrumentation
 * patches the files that come after it. To be called before telemetry starts, which watches files for whoever listens.
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
  subscribe(TRACED_DIALECT, () => {
    if (!seen.has(TRACED_DIALECT)) onUse('traced-dialect', '');
    seen.add(TRACED_DIALECT);
  });
  subscribe(LOADED, (message) => {
    const { library } = message as Injected;
    const start = Object.hasOwn(INSTRUMENTED, library) ? INSTRUMENTED[library] : undefined;
    if (seen.has(library) || (start === undefined && !UNTRACED.has(library))) return;
    seen.add(library);
    try {
      start?.();
      onUse(start === undefined ? 'untraced-driver' : 'driver', library);
    } catch {
      // Node would end the process for an error of a listener.
    }
  });
}
