import type { CompiledQuery, DatabaseConnection, Dialect, Driver } from 'kysely';
import type { DatabaseInfo } from './query-spans.ts';
import { endFailed, QuerySpans } from './query-spans.ts';

/** A dialect of Kysely, as far as it is wrapped: the types of this package can be used where Kysely is not installed. */
export interface KyselyDialect {
  createAdapter(): unknown;
  createDriver(): unknown;
  createIntrospector(db: never): unknown;
  createQueryCompiler(): unknown;
}

/**
 * Wraps a Kysely dialect so that every statement becomes a CLIENT span by the stable semantic conventions for
 * databases: named `db.query.summary`, with the parameterised text, never the values. BEGIN and COMMIT are statements
 * too. A statement outside of a trace (a migration at start, a health check) makes no span: it would be a trace of its own
 * that nobody asked for.
 */
export function tracedDialect<D extends KyselyDialect>(
  dialect: D,
  info: DatabaseInfo,
): Pick<D, keyof KyselyDialect> {
  const spans = new QuerySpans(info);
  const inner = dialect as unknown as Dialect;
  const traced = withOwn<Dialect>(inner, { createDriver: () => tracedDriver(inner.createDriver(), spans) });
  return traced as unknown as Pick<D, keyof KyselyDialect>;
}

/** A driver whose connections make spans. Its commands (BEGIN, SAVEPOINT) are statements on such a connection. */
function tracedDriver(inner: Driver, spans: QuerySpans): Driver {
  // Kysely changes a connection that it gets for the first time, so each has one wrapper for life.
  const wrappers = new WeakMap<DatabaseConnection, DatabaseConnection>();
  return withOwn<Driver>(inner, {
    async acquireConnection(...args) {
      const connection = await inner.acquireConnection(...args);
      const traced = wrappers.get(connection) ?? tracedConnection(connection, spans);
      wrappers.set(connection, traced);
      return traced;
    },
  });
}

type Options = Parameters<DatabaseConnection['executeQuery']>[1];

function tracedConnection(inner: DatabaseConnection, spans: QuerySpans): DatabaseConnection {
  return withOwn<DatabaseConnection>(inner, {
    executeQuery: (query: CompiledQuery, options?: Options) =>
      spans.run(query, () => inner.executeQuery(query, options)),
    async *streamQuery(query: CompiledQuery, chunkSize: number, options?: Options) {
      const span = spans.start(query);
      try {
        yield* inner.streamQuery(query, chunkSize, options);
      } catch (error) {
        endFailed(span, error);
        throw error;
      } finally {
        // A consumer that stops early ends the generator here too; a second end() would be reported as a mistake.
        if (span?.isRecording() === true) span.end();
      }
    },
  } as Partial<DatabaseConnection>);
}

/** An object with members of its own and all others of `inner`, with what dialects add and with private state. */
function withOwn<T extends object>(inner: T, own: Partial<T>): T {
  const ownerOf = (key: PropertyKey): object => (Object.hasOwn(own, key) ? own : inner);
  return new Proxy(own as T, {
    get(_own, key) {
      const owner = ownerOf(key);
      const value: unknown = Reflect.get(owner, key);
      return typeof value === 'function' ? value.bind(owner) : value;
    },
    set: (_own, key, value) => Reflect.set(ownerOf(key), key, value),
  });
}
