import { subscribe } from 'node:diagnostics_channel';
import nodeModule, { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { resolvePlainly } from './plain-resolution.ts';

const require = createRequire(import.meta.url);

/** Drivers that publish nothing that spans could be made of → how OpenTelemetry's own instrumentation of each is started. */
const INSTRUMENTED: Readonly<Record<string, () => unknown>> = {
  mongodb() {
    const { MongoDBInstrumentation } = require('@opentelemetry/instrumentation-mongodb');
    return new MongoDBInstrumentation();
  },
  pg() {
    const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
    return new (notingPools(PgInstrumentation))({ requireParentSpan: true });
  },
};

/** A module that an instrumentation patches. */
interface Patched {
  readonly name: string;
  patch(exports: unknown, version?: string): unknown;
}
type Instrumentation = new (
  options: object,
) => { init(): Patched[]; _setPoolConnectEventListeners?(pool: PgPool): void };

/** The read part of a pool of pg. */
interface PgPool {
  readonly options: { readonly max?: number };
}

/**
 * What pools of pg do not publish: who asks them, where telemetry finds lines of code, and how many connections they have at most.
 */
function notingPools(Pg: Instrumentation): Instrumentation {
  return class extends Pg {
    override init(): Patched[] {
      const modules = super.init();
      for (const pool of modules.filter(({ name }) => name === 'pg-pool')) {
        const patch = pool.patch.bind(pool);
        pool.patch = (exports, version) => {
          const patched = patch(exports, version);
          Reflect.get(globalThis, Symbol.for('@tandem/telemetry code lines 1'))?.value?.notePool(patched);
          return patched;
        };
      }
      return modules;
    }

    /** Called before the span of a wait, to which the instrumentation writes `maxClient`, an option that pools call `max`. */
    override _setPoolConnectEventListeners(pool: PgPool): void {
      Reflect.set(pool.options, 'maxClient', pool.options.max);
      super._setPoolConnectEventListeners?.(pool);
    }
  };
}

/** Drivers that publish nothing, and get no instrumentation of OpenTelemetry here. Telemetry gives some their channels. */
const UNTRACED = new Set([
  '@electric-sql/pglite',
  '@libsql/client',
  'better-sqlite3',
  'kafkajs',
  'libsql',
  'mariadb',
  'node:sqlite',
  'postgres',
]);
/** Telemetry names a library here that has got channels. */
const INJECTED = '@tandem/telemetry:injected-channels';
/** Traces the statements of any driver. */
const TRACED_DIALECT = '@tandem/telemetry/kysely';

/** Ports of servers whose drivers publish nothing → the server, and drivers that are traced or named where they are resolved. */
const SERVERS: ReadonlyMap<number, readonly [server: string, ...drivers: string[]]> = new Map([
  [1433, ['SQL Server']],
  [4222, ['NATS']],
  [5432, ['PostgreSQL', 'pg', 'postgres']],
  [5672, ['AMQP']],
  [9092, ['Kafka', 'kafkajs']],
  [27_017, ['MongoDB', 'mongodb']],
]);

/**
 * Traces drivers of databases from the moment that the process asks for one. An instrumentation patches the driver's files
 * as they are loaded, so it starts while the driver's name is resolved. Node before 22.15 has no hook for names.
 *
 * @param onUse is told each driver once, and each server that is asked by another: in a bundle no driver has a name
 */
export function traceDatabaseDrivers(
  onUse: (
    use: 'driver' | 'untraced-driver' | 'injected-driver' | 'traced-dialect' | 'connection',
    name: string,
  ) => void,
): void {
  const seen = new Set<string>();
  subscribe(INJECTED, (message) =>
    onUse('injected-driver', (message as { readonly library: string }).library),
  );
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { readonly socket: Socket };
    socket.once('connect', () => {
      const [server, ...drivers] = SERVERS.get(socket.remotePort ?? 0) ?? [];
      if (server === undefined || [server, ...drivers].some((name) => seen.has(name))) return;
      seen.add(server);
      onUse('connection', `${server} (${socket.remoteAddress}:${socket.remotePort})`);
    });
  });
  nodeModule.registerHooks?.({
    resolve(specifier, context, next) {
      const found = resolvePlainly(() => next(specifier, context)); // throws where the driver is not installed
      const start = Object.hasOwn(INSTRUMENTED, specifier) ? INSTRUMENTED[specifier] : undefined;
      const other = UNTRACED.has(specifier) ? 'untraced-driver' : undefined;
      const use = start !== undefined ? 'driver' : specifier === TRACED_DIALECT ? 'traced-dialect' : other;
      if (use !== undefined && !seen.has(specifier)) {
        seen.add(specifier);
        start?.();
        onUse(use, specifier);
      }
      return found;
    },
  });
}
