import { containsPattern, ftsQuery, prepareQuery } from '@tandem/service-kit';
import { sql } from 'kysely';
import type { ActivitiesDatabase, ActivitiesSchema } from '../database.ts';
import { preparePage } from './prepare-page.ts';
import type { FindSlice } from './search-slice.ts';
import { startOf } from './search-slice.ts';

/** Activities of the shortest slice. Where each has all trigrams of a term, SQLite takes some 3 ms. */
const SLICE = 8192;

/** Milliseconds of the epoch, which are the numbers of the index's rows, of a time as stored. */
const milliseconds = (time: string) => sql<number>`unixepoch(${time}) * 1000 + substr(${time}, 21, 3)`;

/** By FTS5's table, whose rows are milliseconds in which activities were made, newest first. */
export function searchSqlite(db: ActivitiesDatabase['db'], replies: number, sliceRows = SLICE): FindSlice {
  const find = preparePage<{ match: string; pattern: string; from: string }>(db, replies, {
    select: (value) =>
      db
        .selectFrom('activities_search')
        .crossJoin('activities') // in this order, says SQLite's `cross`
        .where(sql<boolean>`activities_search match ${value('match')}`)
        .where('activities_search.rowid', '>=', milliseconds(value('from')))
        .where('activities_search.rowid', '<=', milliseconds(value('beforeTime')))
        .where(
          'activities.created_at',
          '=',
          sql<string>`strftime('%Y-%m-%dT%H:%M:%fZ', activities_search.rowid / 1000.0, 'unixepoch')`,
        )
        .where(sql<boolean>`activities.search_text like ${value('pattern')} escape '\\'`),
    order: ['activities_search.rowid'],
  });
  const findStart = prepareStart(db);
  return async function findSlice(page, term, scale) {
    const start = await findStart(page.before.createdAt, page.before.uuid, Math.round(sliceRows * scale));
    const from = start ?? '1970-01-01T00:00:00.000Z';
    const threads = await find(page, { match: ftsQuery(term), pattern: containsPattern(term), from });
    return { threads, end: start === undefined ? undefined : startOf(start), scale };
  };
}

/**
 * Finds a time before which some activities are older than a position; undefined where fewer are. SQLite numbers rows as
 * they come, which is about the order of their times, so that it need not count them.
 */
function prepareStart(db: ActivitiesDatabase['db']) {
  interface Values {
    time: string;
    uuid: string;
    count: number;
  }
  const find = prepareQuery<ActivitiesSchema, Values, { created_at: string }>(db, (value) =>
    db
      .selectFrom('activities')
      .select('created_at')
      .where(
        sql.ref<number>('activities.rowid'),
        '<=',
        sql<number>`(select newest.rowid from activities as newest
          where (newest.created_at, newest.uuid) < (${value('time')}, ${value('uuid')})
          order by newest.created_at desc, newest.uuid desc limit 1) - ${value('count')}`,
      )
      .where(sql<boolean>`+created_at < ${value('time')}`) // by number, not by the index of times
      .orderBy(sql.ref('activities.rowid'), 'desc')
      .limit(1),
  );
  return async (time: string, uuid: string, count: number): Promise<string | undefined> =>
    (await find({ time, uuid, count }))[0]?.created_at;
}
