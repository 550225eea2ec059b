import { BUDGET_MS as POSTGRES_BUDGET_MS } from '../../services/activities-api/src/activities/search-postgres.ts';
import { BUDGET_MS as SQLITE_BUDGET_MS } from '../../services/activities-api/src/activities/search-sqlite.ts';
import type { LoadResult } from '../lib/http-load.ts';
import type { Row } from '../lib/measurements.ts';
import { median, quantile } from '../lib/statistics.ts';
import type { StatementFigures } from './statements.ts';

/** The feed may take that much longer with most activities than with fewest. */
const MAX_RATIO = 2;
/** Time after which a search stops at the end of a step. */
const SEARCH_BUDGETS_MS: Readonly<Record<string, number>> = {
  sqlite: SQLITE_BUDGET_MS,
  postgresql: POSTGRES_BUDGET_MS,
};
/** The search that must keep to its budget where no index is made for it. */
const BOUNDED = 'search, uncommon word of common trigrams';

/** One route of one database with so many activities. */
export interface RouteFigures {
  readonly database: string;
  readonly rows: number;
  readonly route: string;
  /** At the fixed rate, one result for each turn. */
  readonly calm: readonly Pick<LoadResult, 'goodLatencies' | 'failed'>[];
  /** With connections that ask again as soon as they are answered. */
  readonly saturated: Pick<LoadResult, 'goodLatencies' | 'failed'>;
  readonly saturatedPerSecond: number;
}

/** What a database and the process took. */
export interface SizeFigures {
  readonly database: string;
  readonly rows: number;
  readonly fillSeconds: number;
  readonly megabytes: number;
  readonly residentMb: number;
  readonly statements: ReadonlyMap<string, StatementFigures>;
  /** Statements whose plans were looked at; none of them reads a table row by row. 0 where there are few activities. */
  readonly plans: number;
}

/** What searches take where messages are made of words of common trigrams, as no text is: bounded, and not compared. */
export interface OtherFigures {
  readonly database: string;
  readonly rows: number;
  readonly statements: ReadonlyMap<string, StatementFigures>;
}

/** Whether each route keeps its pace with the most activities, then the figures of each route, the statements, and the databases. */
export function tables(
  routes: readonly RouteFigures[],
  sizes: readonly SizeFigures[],
  others: readonly OtherFigures[],
): Row[][] {
  return [
    [...claims(routes), ...others.flatMap(boundRows)],
    routes.map(routeRow),
    [...sizes, ...others].flatMap(statementRows),
    sizes.map(sizeRow),
  ];
}

/** The median of the turns' p99, in milliseconds: a pause of the machine meets one of them. */
export function calmP99(figures: Pick<RouteFigures, 'calm'> | undefined): number {
  return median((figures?.calm ?? []).map(({ goodLatencies }) => quantile(goodLatencies, 0.99)));
}

/** Half of all requests at the fixed rate took less, in milliseconds. */
export function calmP50({ calm }: Pick<RouteFigures, 'calm'>): number {
  return median(calm.flatMap(({ goodLatencies }) => goodLatencies));
}

/** Requests at the fixed rate that failed. */
export function failedCalmly(figures: Pick<RouteFigures, 'calm'> | undefined): number {
  return (figures?.calm ?? []).reduce((sum, { failed }) => sum + failed, 0);
}

function claims(routes: readonly RouteFigures[]): Row[] {
  const all = routes.map(({ rows }) => rows);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return routes
    .filter(({ rows }) => rows === most)
    .map((many): Row => {
      const { database, route } = many;
      const few = routes.find(
        (each) => each.database === database && each.route === route && each.rows === least,
      );
      const ratio = calmP99(many) / calmP99(few);
      const saturatedP99 = (figures = many) => quantile(figures.saturated.goodLatencies, 0.99);
      const failed = failedCalmly(many) + failedCalmly(few);
      return {
        claim: `${database}, ${route}: p99 at ${most} activities of that at ${least}`,
        reach: `at most ${MAX_RATIO}, none failed`,
        measured: ratio.toFixed(2),
        failed,
        // What is refused leaves room for the others: their times alone prove nothing.
        reached: ratio <= MAX_RATIO && failed === 0 ? 'yes' : 'no',
        'for comparison, saturated': (saturatedP99() / saturatedP99(few)).toFixed(2),
      };
    });
}

function boundRows({ database, rows, statements }: OtherFigures): Row[] {
  const milliseconds = statements.get(BOUNDED)?.milliseconds;
  const budget = SEARCH_BUDGETS_MS[database];
  if (milliseconds === undefined || budget === undefined) return [];
  return [
    {
      claim: `${database}, ${BOUNDED}: milliseconds of the statements at ${rows} activities`,
      reach: `at most ${budget}, the search's budget`,
      measured: milliseconds.toFixed(2),
      failed: 0,
      reached: milliseconds <= budget ? 'yes' : 'no',
      'for comparison, saturated': '–',
    },
  ];
}

function routeRow(figures: RouteFigures): Row {
  const { database, rows, route, saturated, saturatedPerSecond } = figures;
  const saturatedAt = (share: number) => quantile(saturated.goodLatencies, share).toFixed(1);
  return {
    database,
    activities: rows,
    route,
    'p50 ms': calmP50(figures).toFixed(1),
    'p99 ms': calmP99(figures).toFixed(1),
    failed: failedCalmly(figures),
    'saturated: requests/s': Math.round(saturatedPerSecond),
    'p50 ms, saturated': saturatedAt(0.5),
    'p99 ms, saturated': saturatedAt(0.99),
    'failed, saturated': saturated.failed,
  };
}

function statementRows({ database, rows, statements }: OtherFigures): Row[] {
  return [...statements].map(([route, { milliseconds, found }]) => ({
    database,
    activities: rows,
    'asked for': route,
    'statements ms': milliseconds.toFixed(2),
    found: found.toFixed(1),
  }));
}

function sizeRow({ database, rows, fillSeconds, megabytes, residentMb, plans }: SizeFigures): Row {
  return {
    database,
    activities: rows,
    'filled within s': fillSeconds.toFixed(0),
    'file MB': Number.isNaN(megabytes) ? '–' : megabytes.toFixed(0),
    'resident MB of activities-api': residentMb.toFixed(0),
    'statements by index alone': plans === 0 ? '–' : `${plans} of ${plans}`,
  };
}
