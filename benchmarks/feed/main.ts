import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { openActivitiesDatabase } from '../../services/activities-api/src/database.ts';
import { startPair } from '../../test/helpers/pair.ts';
import { HttpLoad } from '../lib/http-load.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { quantile } from '../lib/statistics.ts';
import { usageOf } from '../pair/usage.ts';
import type { DatabaseKind, EmptyDatabases } from './databases.ts';
import { databaseKinds } from './databases.ts';
import { fill } from './fill.ts';
import { REQUESTS } from './requests.ts';
import { timeStatements } from './statements.ts';

const CONNECTIONS = 200;
/** Requests to warm up with, whose pace says how many fit into the time of a route. */
const WARM_UP = 1000;
const MIN_REQUESTS = 1000;
/** The feed may take that much longer with most activities than with fewest. */
const MAX_RATIO = 2;

/** One route of one database with so many activities. */
interface Figure {
  readonly database: string;
  readonly rows: number;
  readonly route: string;
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
  /** Milliseconds of the route's statements, without HTTP; undefined for what writes. */
  readonly statementMs: number | undefined;
}

/** What a database and the process took. */
interface Size {
  readonly database: string;
  readonly rows: number;
  readonly fillSeconds: number;
  readonly megabytes: number;
  readonly residentMb: number;
}

/**
 * The real activities-api, with user-lookup, under 200 connections, on databases with few and with many activities.
 * `pnpm bench feed [--rows 1000,100000,1000000] [--seconds 3] [--database sqlite,postgresql]`
 */
export default async function feed(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      rows: { type: 'string', default: '1000,100000,1000000' },
      seconds: { type: 'string', default: '3' },
      database: { type: 'string', default: 'sqlite,postgresql' },
    },
  });
  const sizes = values.rows.split(',').map((text) => positive('--rows', text));
  const seconds = positive('--seconds', values.seconds);
  const figures: Figure[] = [];
  const databases: Size[] = [];
  const kinds = await databaseKinds(values.database.split(','));
  try {
    for (const kind of kinds)
      for (const rows of sizes) databases.push(await measureSize(kind, rows, seconds, figures));
  } finally {
    for (const kind of kinds) await kind.close();
  }
  report(
    figures,
    databases,
    sizes,
    `pnpm bench feed --rows ${values.rows} --seconds ${seconds} --database ${values.database}`,
    seconds,
  );
}

async function measureSize(
  kind: DatabaseKind,
  rows: number,
  seconds: number,
  figures: Figure[],
): Promise<Size> {
  const databases = await kind.create();
  try {
    const began = performance.now();
    await fill(databases, rows);
    const fillSeconds = (performance.now() - began) / 1000;
    console.log(`${kind.name} with ${rows} activities, filled within ${fillSeconds.toFixed(0)} s`);
    const database = await openActivitiesDatabase(databases.activities);
    const statements = await timeStatements(database, rows).finally(() => database.close());
    const residentMb = await measureRoutes(kind, databases, rows, seconds, statements, figures);
    const { file } = { file: '', ...databases.activities };
    const megabytes = file === '' ? Number.NaN : statSync(file).size / 1e6;
    return { database: kind.name, rows, fillSeconds, megabytes, residentMb };
  } finally {
    await databases.remove();
  }
}

/** Asks one route after the other; resolves with the memory that activities-api has at the end, in MB. */
async function measureRoutes(
  kind: DatabaseKind,
  { env }: EmptyDatabases,
  rows: number,
  seconds: number,
  statements: ReadonlyMap<string, number>,
  figures: Figure[],
): Promise<number> {
  // Spans are made, and go nowhere.
  const settings = { RATE_LIMIT_MAX: '1000000000', LOG_LEVEL: 'warn', OTEL_TRACES_EXPORTER: 'none', ...env };
  const pair = await startPair({ otlpUrl: 'http://127.0.0.1:9', env: settings });
  const load = new HttpLoad(Number(new URL(pair.api).port));
  try {
    for (const [route, requestsOf] of Object.entries(REQUESTS)) {
      const requestOf = requestsOf(rows);
      const warmUp = performance.now();
      await load.closedLoop(WARM_UP, CONNECTIONS, requestOf);
      const pace = WARM_UP / (performance.now() - warmUp);
      const count = Math.max(MIN_REQUESTS, Math.round(pace * seconds * 1000));
      const began = performance.now();
      const result = await load.closedLoop(count, CONNECTIONS, (index) => requestOf(WARM_UP + index));
      figures.push({
        database: kind.name,
        rows,
        route,
        requestsPerSecond: (result.goodLatencies.length / (performance.now() - began)) * 1000,
        p50: quantile(result.goodLatencies, 0.5),
        p99: quantile(result.goodLatencies, 0.99),
        failed: result.failed,
        statementMs: statements.get(route),
      });
      console.log(JSON.stringify(figures.at(-1)));
      const { child, output } = pair.activities;
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(
          `activities-api ended (${child.exitCode ?? child.signalCode}):\n${output().slice(-5000)}`,
        );
    }
    return usageOf([pair.activities.child.pid ?? 0]).residentBytes / 1e6;
  } finally {
    load.close();
    await pair.stop();
  }
}

function report(
  figures: readonly Figure[],
  databases: readonly Size[],
  sizes: readonly number[],
  command: string,
  seconds: number,
): void {
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const routes = figures.map(
    ({ database, rows, route, requestsPerSecond, p50, p99, failed, statementMs }): Row => ({
      database,
      activities: rows,
      route,
      'requests/s': Math.round(requestsPerSecond),
      'p50 ms': p50.toFixed(0),
      'p99 ms': p99.toFixed(0),
      failed,
      'statements ms': statementMs?.toFixed(2) ?? '–',
    }),
  );
  const claims = figures
    .filter(({ rows }) => rows === most)
    .map((many): Row => {
      const { database, route } = many;
      const few = figures.find(
        (figure) => figure.database === database && figure.route === route && figure.rows === least,
      );
      const ratio = many.p99 / (few?.p99 ?? Number.NaN);
      const failed = many.failed + (few?.failed ?? 0);
      return {
        claim: `${database}, ${route}: p99 at ${most} of that at ${least}`,
        reach: `at most ${MAX_RATIO}, none failed`,
        measured: Number.isNaN(ratio) ? '–' : ratio.toFixed(2),
        failed,
        // What is refused leaves room for the others: their times alone prove nothing.
        reached: ratio <= MAX_RATIO && failed === 0 ? 'yes' : 'no',
      };
    });
  const failed = figures.reduce((sum, figure) => sum + figure.failed, 0);
  claims.push({
    claim: 'failed requests',
    reach: '0',
    measured: failed,
    failed,
    reached: failed === 0 ? 'yes' : 'no',
  });
  const space = databases.map(
    ({ database, rows, fillSeconds, megabytes, residentMb }): Row => ({
      database,
      activities: rows,
      'filled within s': fillSeconds.toFixed(0),
      'file MB': Number.isNaN(megabytes) ? '–' : megabytes.toFixed(0),
      'resident MB of activities-api': residentMb.toFixed(0),
    }),
  );
  for (const table of [routes, claims, space]) console.table(table);
  recordMeasurements({
    title: 'Feed: few activities and many',
    command,
    tables: [claims, routes, space],
    notes: [
      `activities-api and user-lookup as processes of their own, ${CONNECTIONS} connections that ask again as soon as they are answered, ${seconds} s for each route after ${WARM_UP} requests to warm up. With so many, p50 and p99 are the time in the queue: they say how many requests a second are answered.`,
      'Failed are requests that got no 200 or 201, as the 503 of a busy pool or event loop; p50, p99 and requests/s are those of the others.',
      'Statements: the median of the same questions put to the repository in turn, without HTTP.',
      'A quarter of the activities are replies; user0, whose notifications are asked for, has one for each 33rd activity. Spans are made and not exported.',
    ],
  });
}
