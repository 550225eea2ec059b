import type { Placeholder } from '@tandem/service-kit';
import { containsPattern, prepareQuery } from '@tandem/service-kit';
import type { Expression } from 'kysely';
import { sql } from 'kysely';
import type { ActivitiesDatabase, ActivitiesSchema, ActivityRow } from '../database.ts';
import { startOf } from './cursor.ts';
import type { PageRequest, PageValues } from './prepare-page.ts';
import { withReplies } from './prepare-page.ts';
import type { SearchOptions, SearchResult } from './search-result.ts';
import type { ThreadRow } from './threads.ts';
import { groupThreads } from './threads.ts';

/** Time after which a search stops at the end of a slice, as PostgreSQL measures it. */
export const BUDGET_MS = 50;
/** Characters of a time as stored that are the same for an hour, `2030-01-05T1`, and so on. */
const HOUR = 13;
const TEN_HOURS = 12;
const DAY = 10;
const TEN_DAYS = 9;
const HOUR_SECONDS = 60 * 60;
/** A term without a hit so far is looked for in a slice so many times as long as all before it: 21 times, and room for luck. */
const GROWTH = 40;
/** The first slice is at most so many times as long as what was looked through before: 100,000 activities take some 5 ms. */
const MAX_FIRST_GROWTH = 200;
/** What the index holds of a time. */
const PERIODS = sql`array[${sql.join([HOUR, TEN_HOURS, DAY, TEN_DAYS].map((length) => sql`left(created_at, ${sql.lit(length)})`))}]`;

/** Values of the statement. */
interface Values extends PageValues {
  pattern: string;
  budgetMs: number;
  /** Hits among the newest `skipped`. */
  skippedHits: number;
}

/** How far a search came. */
interface Progress {
  /** What was searched last. */
  readonly period: string;
  /** The newest time that was not searched; null where nothing is older. */
  readonly next: string | null;
}

/**
 * Prepares the search of what is older than the newest `skipped` activities before the page's position, by the index
 * that has the trigrams by hour, ten hours, day and ten days. One statement looks through one slice after the other, each
 * as long as the page should need by the hits so far, those among the newest included, or 40 times as long as what was
 * looked through without any; all that is left if the budget allows. It looks at the clock itself: slices of a statement
 * each had to wait for a connection each, and on a busy machine that took the time of the search.
 */
export function prepareOlderPostgres(
  db: ActivitiesDatabase['db'],
  replies: number,
  skipped: number,
  { searchBudgetMs: budgetMs = BUDGET_MS, searchAllAtOnce = true }: SearchOptions,
): (page: PageRequest, term: string, skippedHits: number) => Promise<SearchResult> {
  const prepare = (continued: boolean) =>
    prepareQuery<ActivitiesSchema, Values, ThreadRow & Progress>(db, (value) =>
      withReplies(db, sql<ActivityRow>`(${hits(value, skipped, continued, searchAllAtOnce)})`.as('a'), value)
        .select(sql<string>`a.period`.as('period'))
        .select(sql<string | null>`a.next`.as('next')),
    );
  const first = prepare(false);
  const further = prepare(true);
  return async function searchOlder({ now, limit, before }, term, skippedHits) {
    const rows = await (before === undefined ? first : further)({
      pattern: containsPattern(term),
      budgetMs,
      skippedHits,
      now,
      limit,
      replies,
      beforeTime: before?.createdAt ?? '',
      beforeUuid: before?.uuid ?? '',
    });
    // How far it came stands in each row, and alone where nothing was found.
    const threads = groupThreads(rows.filter(({ uuid }) => uuid !== null));
    const [progress] = rows;
    const isEnd = progress === undefined || progress.next === null || threads.length === limit;
    return isEnd ? { threads } : { threads, searchedTo: startOf(startOfPeriod(progress.period)) };
  };
}

/** Each row of `slices` is one that was searched; the first is the place where the search begins. */
function hits(value: Placeholder<Values>, skipped: number, continued: boolean, allAtOnce: boolean) {
  const isBefore = sql`(created_at, uuid) < (${value('beforeTime')}, ${value('beforeUuid')})`;
  const limit = sql`${value('limit')}::integer`;
  const budget = sql`${value('budgetMs')}::double precision`;
  const milliseconds = (since: string) =>
    sql`extract(epoch from clock_timestamp() - ${sql.ref(since)}) * 1000`;
  const newest = (where: Expression<unknown>) =>
    sql`(select created_at from activities ${where} order by created_at desc, uuid desc limit 1)`;
  const inPage = continued ? sql`where ${isBefore}` : sql``;
  const matches = sql`search_text like ${unknown(value('pattern'))} escape '\\'
    and expires_at > ${value('now')}`;
  const inPeriod = sql`array(
    select uuid from activities
    where ${PERIODS} @> array[next.period] and ${matches}
      and (created_at, uuid) < (before_time, before_uuid)
    order by created_at desc, uuid desc
    limit ${limit} - found)`;
  // Not by the columns themselves: their index would lead through all there is.
  const inAll = sql`array(
    select uuid from activities
    where ${matches} and (created_at || '', uuid) < (before_time, before_uuid)
    order by created_at || '' desc, uuid desc
    limit ${limit} - found)`;
  const seconds = (from: string, to: string) =>
    sql`extract(epoch from ${sql.ref(to)}::timestamptz - ${sql.ref(from)}::timestamptz)`;
  const span = (hours: number) => sql.lit(hours * HOUR_SECONDS);
  return sql<ActivityRow>`
    with recursive slices(
      number, since, took, period, uuids, found, before_time, before_uuid, top, started, newest, oldest
    ) as (
      select 0, clock_timestamp(), 0::double precision, '', '{}'::text[], 0, created_at, uuid, ${newest(inPage)}, created_at,
        ${newest(sql`where (created_at, uuid) < (start.created_at, start.uuid)`)},
        (select created_at from activities order by created_at, uuid limit 1)
      from (
        select created_at, uuid from activities ${inPage}
        order by created_at desc, uuid desc offset ${sql.lit(skipped - 1)} limit 1
      ) as start
      union all
      select number + 1, since, (${milliseconds('next.began')})::double precision, slice.period, slice.uuids,
        found + cardinality(slice.uuids), slice.period, '', top, newest,
        ${newest(sql`where created_at < slice.period`)}, oldest
      from slices
      cross join lateral (
        select ${seconds('oldest', 'newest')} as remaining, ${seconds('newest', 'top')} as searched,
          ${value('skippedHits')}::integer + found as hits
        offset 0
      ) as progress
      cross join lateral (
        select case hits
            when 0 then ${sql.lit(GROWTH)} * searched
            else (${limit} - found) * searched / hits end as wanted,
          case number
            when 0 then ${sql.lit(MAX_FIRST_GROWTH)} * searched
            else (${budget} - ${milliseconds('since')}) * ${seconds('newest', 'started')} / greatest(took, 0.001)
            end as affordable
        offset 0
      ) as estimate
      cross join lateral (
        select clock_timestamp() as began, left(newest, case
          when ${sql.lit(allAtOnce)} and remaining <= least(affordable, wanted) then 0
          when wanted <= ${span(1)} or affordable < ${span(10)} then ${sql.lit(HOUR)}
          when wanted <= ${span(10)} or affordable < ${span(24)} then ${sql.lit(TEN_HOURS)}
          when wanted <= ${span(24)} or affordable < ${span(240)} then ${sql.lit(DAY)}
          else ${sql.lit(TEN_DAYS)} end) as period
        offset 0
      ) as next
      cross join lateral (
        select next.period, case next.period when '' then ${inAll} else ${inPeriod} end as uuids
        offset 0
      ) as slice
      where newest is not null and found < ${limit} and (number = 0 or ${milliseconds('since')} < ${budget})
    )
    select hit.*, last.period, last.newest as next
    from (select period, newest from slices order by number desc limit 1) as last
    left join lateral (
      select activity.* from slices
      cross join unnest(uuids) as found_uuid
      cross join lateral (select * from activities where uuid = found_uuid limit 1) as activity
    ) as hit on true
    limit ${limit}`;
}

/** A value that the planner does not look at: it would read all there is by time for a term that it takes for common. */
function unknown(value: Expression<string> | string) {
  return sql<string>`(select ${value}::text)`;
}

function startOfPeriod(period: string): string {
  const isLaterThanTenth = period.length === TEN_DAYS && !period.endsWith('-0');
  const start = isLaterThanTenth ? `${period}0` : period;
  return start + '0000-00-01T00:00:00.000Z'.slice(start.length);
}
