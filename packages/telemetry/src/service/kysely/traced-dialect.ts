import { channel } from 'node:diagnostics_channel';
import type { DatabaseConnection, Dialect, Driver } from 'kysely';
import { poolAsked, poolGot } from '../../road/http/call.ts';
import type { DatabaseInfo } from '../../road/statements/query-spans.ts';
import { endFailed, QuerySpans } from '../../road/statements/query-spans.ts';

/** Says that statements of any driver are traced: the explorer's `run` then names no driver as untraced. */
const made = channel('@tandem/telemetry:traced-dialect');

/** The wrapped part of a Kysely dialect. The types of this package work without Kysely. */
export interface KyselyDialect {
  createAdapter(): unknown;
  createDriver(): unknown;
  createIntrospector(db: never): unknown;
  createQueryCompiler(): unknown;
}

/**
 * Wraps a Kysely dialect so that every statement becomes a CLIENT span by the stable semantic conventions for databases.
 * `db.query.summary` is the span's name. The span has the parameterised text, never the values. BEGIN and COMMIT are
 * statements too. A statement outside of a trace (a migration at start, a health check) makes no span: nobody wants a
 * trace of one statement.
 */
export function tracedDialect<D extends KyselyDialect>(
  dialect: D,
  info: DatabaseInfo,
): Pick<D, keyof KyselyDialect> {
  made.publish({});
  const spans = new QuerySpans(info);
  const inner = dialect as unknown as Dialect;
  const traced: Dialect = {
    createAdapter: () => inner.createAdapter(),
    createDriver: () => tracedDriver(inner.createDriver(), spans),
    createIntrospector: (db) => inner.createIntrospector(db),
    createQueryCompiler: () => inner.createQueryCompiler(),
  };
  return traced as unknown as Pick<D, keyof KyselyDialect>;
}

/**
 * Makes the driver's connections make spans. The driver's commands (BEGIN, SAVEPOINT) are statements on a connection.
 * Connections are changed in place, as Kysely's own logging does, because drivers expect their own objects back.
 */
function tracedDriver(driver: Driver, spans: QuerySpans): Driver {
  const traced = new WeakSet<DatabaseConnection>();
  const acquire = driver.acquireConnection.bind(driver);
  driver.acquireConnection = async (...args) => {
    const asked = poolAsked(spans);
    const connection = await acquire(...args);
    const isNew = !traced.has(connection);
    if (isNew) traceConnection(connection, spans);
    traced.add(connection);
    poolGot(asked, { isNew });
    return connection;
  };
  return driver;
}

function traceConnection(connection: DatabaseConnection, spans: QuerySpans): void {
  const execute = connection.executeQuery.bind(connection);
  const stream = connection.streamQuery.bind(connection);
  connection.executeQuery = (query, options) => spans.run(query, () => execute(query, options));
  connection.streamQuery = async function* streamTraced(query, chunkSize, options) {
    const span = spans.start(query);
    try {
      yield* stream(query, chunkSize, options);
    } catch (error) {
      endFailed(span, error);
      throw error;
    } finally {
      // A consumer that stops early ends the generator here too. OpenTelemetry reports a second end() as a mistake.
      if (span?.isRecording() === true) span.end();
    }
  } as DatabaseConnection['streamQuery'];
}
