import { NAMES, namedValue } from '../../../core/traces/read/meanings.ts';
import type { SpansInRange } from '../../../core/traces/read/spans-in-range.ts';
import { trafficFigures, trafficSql } from '../../../core/traces/read/traffic-sql.ts';
import type { DependencyFigures, RequestFigures } from './schemas.ts';

const MAX_DEPENDENCIES = 8;
/** Columns of SpansInRange, and the fields that they come from. */
const KEYS = {
  system: NAMES.databaseSystem,
  db: NAMES.databaseName,
  destination: NAMES.destination,
  address: NAMES.callee,
};

function dependencies(spans: SpansInRange): string {
  const { oneIn } = spans.joined;
  const traffic = trafficSql(spans.weighted || oneIn > 1, [0.5, 0.95]);
  // A call to a service that sends spans is not a dependency, because the service's spans say where the time went.
  const calls = `(SELECT system, db, destination, CASE WHEN system IS NULL AND destination IS NULL THEN address END AS address, error, duration, weight * ${oneIn} AS weight
    FROM ${spans.ofKinds(['client', 'producer'], spans.ofService)}
    WHERE coalesce(system, destination, address) IS NOT NULL
      AND id NOT IN (SELECT parent FROM ${spans.ofKinds(['server', 'consumer'])} WHERE NOT root))`;
  const keys = Object.keys(KEYS).join(', ');
  return `SELECT [${keys}], ${traffic.total} AS all_of_it, ${traffic.columns}
    FROM ${traffic.from(calls, Object.keys(KEYS))} GROUP BY ${keys} ORDER BY all_of_it DESC, ${keys} LIMIT ${MAX_DEPENDENCIES}`;
}

/**
 * The dependencies with most time, and the fields that name them: a share of the traces, scaled to all traces. SQL, as a query
 * has no condition that a span has no child of some kind.
 */
export async function readDependencies(spans: SpansInRange): Promise<DependencyFigures[]> {
  return (await spans.readPlain(dependencies(spans))).map(([values, total, ...traffic]) => {
    const fields = Object.values(KEYS).flatMap((names, i) => {
      const value = (values as readonly unknown[])[i];
      return typeof value === 'string' && value !== '' ? [namedValue(names, spans.hasField, value)] : [];
    });
    return {
      name: fields.map(({ value }) => value).join(' '),
      fields,
      ...figures(traffic),
      total_ms: Number(total ?? 0),
    };
  });
}

/** The figures of a row of `trafficSql` with the quantiles 0.5 and 0.95. */
export function figures(row: readonly unknown[]): RequestFigures {
  const { quantiles, ...others } = trafficFigures(row);
  const [p50_ms = 0, p95_ms = 0] = quantiles;
  return { ...others, p50_ms, p95_ms };
}
