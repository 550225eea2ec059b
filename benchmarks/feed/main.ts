import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { DatabaseLocation } from '@tandem/service-kit';
import { UsageError } from '../../scripts/lib/arguments.ts';
import type { ActivitiesDatabase } from '../../services/activities-api/src/database.ts';
import { openActivitiesDatabase } from '../../services/activities-api/src/database.ts';
import type { Pair } from '../../test/helpers/pair.ts';
import { startPair } from '../../test/helpers/pair.ts';
import type { LoadRequest, LoadResult } from '../lib/http-load.ts';
import { HttpLoad } from '../lib/http-load.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { usageOf } from '../pair/usage.ts';
import type { DatabaseKind, EmptyDatabases } from './databases.ts';
import { databaseKinds } from './databases.ts';
import { fill, WORDS_OF_COMMON_TRIGRAMS } from './fill.ts';
import { REQUESTS } from './requests.ts';
import { checkPlans, timeCommonTrigrams, timeStatements } from './statements.ts';
import type { OtherFigures, RouteFigures, SizeFigures } from './tables.ts';
import { calmP50, calmP99, failedCalmly, tables } from './tables.ts';

const CONNECTIONS = 200;
/** Requests to each size before any is measured, one route after the other: new processes answer slowly. */
const WARM_UP_REQUESTS = 2000;
/** Time for which the connections ask again as soon as they are answered. */
const SATURATED_MS = 1000;

/** Activities from which plans are looked at: few are read as fast without an index. */
const PLANNED_ROWS = 20_000;

/** What is measured of each route. */
interface Plan {
  /** Their names. */
  readonly routes: readonly string[];
  readonly rate: number;
  readonly seconds: number;
}

/** A filled database, and the services that use it. */
interface Subject {
  readonly databases: EmptyDatabases;
  readonly pair: Pair;
  readonly load: HttpLoad;
  readonly figures: SizeFigures;
}

/**
 * The options it takes. At the default rate each size is far from what it can serve at most, with the services, their
 * database and the load on two cores: close to that, p99 is the time in the queue, and not that of a request.
 */
export const usage =
  '[--rows 1000,100000,1000000] [--rate 100] [--seconds 6] [--database sqlite,postgresql] [--route "search, one hit"]';

/**
 * The real activities-api, with user-lookup, on databases with few and with many activities: 200 connections that ask
 * at a rate that each size can serve, one size after the other in turn, and as fast as they are answered.
 */
export default async function feed(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      rows: { type: 'string', default: '1000,100000,1000000' },
      rate: { type: 'string', default: '100' },
      seconds: { type: 'string', default: '6' },
      database: { type: 'string', default: 'sqlite,postgresql' },
      route: { type: 'string', default: '' },
    },
  });
  const chosen = Object.keys(REQUESTS).filter((name) => values.route === '' || name === values.route);
  if (chosen.length === 0)
    throw new UsageError(`There is no route ${values.route}; there are ${Object.keys(REQUESTS).join('; ')}.`);
  const sizes = values.rows.split(',').map((text) => positive('--rows', text));
  const plan = {
    rate: positive('--rate', values.rate),
    seconds: positive('--seconds', values.seconds),
    routes: chosen,
  };
  const began = performance.now();
  const routes: RouteFigures[] = [];
  const measured: SizeFigures[] = [];
  const others: OtherFigures[] = [];
  const kinds = await databaseKinds(values.database.split(','));
  try {
    for (const kind of kinds) {
      measured.push(...(await measureKind(kind, sizes, plan, routes)));
      if (values.route === '') others.push(await timeOtherWords(kind, Math.max(...sizes)));
    }
  } finally {
    for (const kind of kinds) await kind.close();
  }
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  const all = tables(routes, measured, others);
  for (const table of all) console.table(table);
  console.log(`All of it took ${minutes} minutes.`);
  if (values.route !== '') return; // a part is not what the document has
  recordMeasurements({
    title: 'Feed: few activities and many',
    command: `node tandem bench feed --rows ${values.rows} --rate ${plan.rate} --seconds ${plan.seconds} --database ${values.database}`,
    tables: all,
    notes: [
      `activities-api and user-lookup as processes of their own for each number of activities. ${CONNECTIONS} connections ask in turn, ${plan.rate} times a second in all, whether or not those before are answered, for ${plan.seconds} s of each route and number; ${WARM_UP_REQUESTS} requests of all routes before that, and then the same requests once, as a system may give pages of files away that were not read for a minute, and reading them from the disk would be what is measured; the numbers take turns of a second, so that what else the machine does meets all of them. p50, p99 and the first table are of these requests. p99 is the median of the turns' own p99: a pause of the machine falls into one turn, and decided the p99 of all requests (14.7, 123 and 40 ms for equal work). What the service itself does in fewer than half of the seconds is not in it either, as a step in which SQLite merges its index after many POSTs. All of it took ${minutes} minutes.`,
      `Saturated: the same ${CONNECTIONS} connections ask again as soon as they are answered, for ${SATURATED_MS / 1000} s. p50 and p99 then are the time in the queue: they say how many requests a second are answered, not how long one takes.`,
      `${plan.rate} requests a second: with the load, both services and the database on the same cores, a rate at which one size is near what it serves at most measures its queue. At 200, p99 was 152 ms for searches whose statements take PostgreSQL 5.`,
      'Failed are requests that got no 200 or 201, as the 503 of a busy pool or event loop; p50, p99 and requests/s are those of the others.',
      'Statements: the median of the same questions put to the repository in turn, without HTTP, and how many activities they find, of 21 asked for. An uncommon word fills a page of many activities and not one of few, so that the answers of that route are larger, too; all others are the same size.',
      'Words: 2,000 of two or three of 80 syllables, eight to a message. Trigrams decide what a search costs, so they were compared with English: 10,600 messages of eight words from Markdown files and 16,100 from documentation of Debian packages, and words that one message in 200 to 1,000 has. The rarest trigram of such a word is in 0.5 % of the English messages (median; 90 % of the words have one in less than 1.5 %), here in 0.6 % (2.6 %); the sum of the shares of its trigrams is 10 to 11 % (at most 36 to 41 % for 90 % of the words), here 17 % (63 %); and of 100 messages that have all of its trigrams, 100 have the word (93 at the tenth percentile), here 100 (91).',
      `"Of common trigrams": a database of the most activities with as many words of 16 syllables, as this benchmark had before. The rarest trigram of an uncommon word is in 4.9 % of such messages, the sum of the shares is 134 %, and of 100 messages that have all of its trigrams 43 have the word: nobody writes so. Those searches are not compared with others; the uncommon words must keep within the search's budget. What has no hit there is looked for until the budget is used up; its page says where it stopped.`,
      `Plans: every statement of these routes, of posts, replies and the purge was looked at by the database's EXPLAIN, on the filled databases from ${PLANNED_ROWS} activities; with one that reads a table row by row, the benchmark fails and names it.`,
      'A quarter of the activities are replies; user0, whose notifications are asked for, has one for each 33rd activity, and the four users whose pages are asked for each made one in 40. Spans are made and not exported.',
    ],
  });
}

async function measureKind(
  kind: DatabaseKind,
  sizes: readonly number[],
  plan: Plan,
  routes: RouteFigures[],
): Promise<SizeFigures[]> {
  const filled: { databases: EmptyDatabases; figures: SizeFigures }[] = [];
  const subjects: Subject[] = [];
  try {
    for (const rows of sizes) {
      const databases = await kind.create();
      const figures = await fillAndTime(kind, databases, rows).catch(async (error: unknown) => {
        await databases.remove();
        throw error;
      });
      filled.push({ databases, figures });
    }
    for (const { databases, figures } of filled) {
      // Spans are made, and go nowhere.
      const settings = { RATE_LIMIT_MAX: '1000000000', LOG_LEVEL: 'warn', OTEL_TRACES_EXPORTER: 'none' };
      const pair = await startPair({
        otlpUrl: 'http://127.0.0.1:9',
        env: { ...settings, ...databases.env },
      });
      subjects.push({ databases, figures, pair, load: new HttpLoad(Number(new URL(pair.api).port)) });
    }
    for (const { load, figures } of subjects) {
      const all = Object.values(REQUESTS).map((requestsOf) => requestsOf(figures.rows));
      await load.closedLoop(WARM_UP_REQUESTS, CONNECTIONS / 10, (index) =>
        (all[index % all.length] as (typeof all)[number])(index),
      );
    }
    for (const [route, requestsOf] of Object.entries(REQUESTS).filter(([name]) => plan.routes.includes(name)))
      routes.push(...(await measureRoute(kind.name, route, requestsOf, subjects, plan)));
    return subjects.map(({ figures, pair }) => ({
      ...figures,
      residentMb: usageOf([pair.activities.child.pid ?? 0]).residentBytes / 1e6,
    }));
  } finally {
    for (const { load, pair } of subjects) {
      load.close();
      await pair.stop();
    }
    for (const { databases } of filled) await databases.remove();
  }
}

async function fillAndTime(
  kind: DatabaseKind,
  databases: EmptyDatabases,
  rows: number,
): Promise<SizeFigures> {
  const began = performance.now();
  await fill(databases, rows);
  const fillSeconds = (performance.now() - began) / 1000;
  console.log(`${kind.name} with ${rows} activities, filled within ${fillSeconds.toFixed(0)} s`);
  const { activities } = databases;
  const { statements, plans } = await withOneConnection(activities, async (database) => ({
    statements: await timeStatements(database, rows),
    plans: rows < PLANNED_ROWS ? 0 : await checkPlans(database, rows),
  }));
  const { file } = { file: '', ...activities };
  const megabytes = file === '' ? Number.NaN : statSync(file).size / 1e6;
  return { database: kind.name, rows, fillSeconds, megabytes, residentMb: Number.NaN, statements, plans };
}

/** Fills a database with words of common trigrams, and searches it; nothing else is measured there. */
async function timeOtherWords(kind: DatabaseKind, rows: number): Promise<OtherFigures> {
  const databases = await kind.create();
  try {
    await fill(databases, rows, WORDS_OF_COMMON_TRIGRAMS);
    const statements = await withOneConnection(databases.activities, timeCommonTrigrams);
    return { database: kind.name, rows, statements };
  } finally {
    await databases.remove();
  }
}

/** One connection, whose statements can be watched. */
async function withOneConnection<T>(
  location: DatabaseLocation,
  use: (database: ActivitiesDatabase) => Promise<T>,
): Promise<T> {
  const database = await openActivitiesDatabase('url' in location ? { ...location, poolSize: 1 } : location);
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

async function measureRoute(
  database: string,
  route: string,
  requestsOf: (rows: number) => (index: number) => LoadRequest,
  subjects: readonly Subject[],
  { rate, seconds }: Plan,
): Promise<RouteFigures[]> {
  const calm = subjects.map((): LoadResult[] => []);
  // A system may give pages of a file away that were not read for a minute: what is measured is read from memory.
  for (const { load, figures } of subjects)
    await load.closedLoop(rate * seconds, CONNECTIONS / 10, requestsOf(figures.rows));
  for (let second = 0; second < seconds; second++)
    for (const [index, { load, figures }] of subjects.entries()) {
      const requestOf = requestsOf(figures.rows);
      const sent = second * rate;
      calm[index]?.push(await load.fixedRate(rate, rate, (number) => requestOf(sent + number), CONNECTIONS));
    }
  const all: RouteFigures[] = [];
  for (const [index, subject] of subjects.entries()) {
    const { load, figures } = subject;
    const requestOf = requestsOf(figures.rows);
    const sent = seconds * rate;
    const began = performance.now();
    const saturated = await load.closedLoopFor(SATURATED_MS, CONNECTIONS, (number) =>
      requestOf(sent + number),
    );
    const saturatedPerSecond = (saturated.goodLatencies.length / (performance.now() - began)) * 1000;
    const { rows } = figures;
    const measured = { database, rows, route, calm: calm[index] ?? [], saturated, saturatedPerSecond };
    all.push(measured);
    console.log(
      `${database}, ${rows}, ${route}: p50 ${calmP50(measured).toFixed(1)}, p99 ${calmP99(measured).toFixed(1)} ms, ${failedCalmly(measured)} failed; saturated ${saturatedPerSecond.toFixed(0)}/s`,
    );
    assertRunning(subject);
  }
  return all;
}

/** @throws Error with what the service wrote, when it has ended */
function assertRunning({ pair }: Subject): void {
  const { child, output } = pair.activities;
  if (child.exitCode === null && child.signalCode === null) return;
  throw new Error(`activities-api ended (${child.exitCode ?? child.signalCode}):\n${output().slice(-5000)}`);
}
