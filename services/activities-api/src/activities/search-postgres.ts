import { containsPattern } from '@tandem/service-kit';
import type { Expression } from 'kysely';
import { sql } from 'kysely';
import type { ActivitiesDatabase } from '../database.ts';
import { preparePage } from './prepare-page.ts';
import type { FindSlice } from './search-slice.ts';
import { startOf, timeBefore } from './search-slice.ts';

/** Characters of a time as stored that are the same for a day, `2030-01-05`, and for ten days, `2030-01-0`. */
const DAY = 10;
const TEN_DAYS = 9;

/** By the index that has the trigrams by day and by ten days. */
export function searchPostgres(db: ActivitiesDatabase['db'], replies: number): FindSlice {
  const prepare = (length: number) =>
    preparePage<{ pattern: string; period: string }>(db, replies, {
      select: (value) =>
        db
          .selectFrom('activities')
          .where(sql<boolean>`left(created_at, ${sql.lit(length)}) = ${unknown(value('period'))}`)
          .where(sql<boolean>`search_text like ${unknown(value('pattern'))} escape '\\'`),
    });
  const inDay = prepare(DAY);
  const inTenDays = prepare(TEN_DAYS);
  return async function findSlice(page, term, scale, oldest) {
    const isLong = scale >= 10;
    const period = timeBefore(page.before).slice(0, isLong ? TEN_DAYS : DAY);
    const find = isLong ? inTenDays : inDay;
    const threads = await find(page, { pattern: containsPattern(term), period });
    const start = startOfPeriod(period);
    return { threads, end: start <= oldest ? undefined : startOf(start), scale: isLong ? 10 : 1 };
  };
}

/** A value that the planner does not look at: it would read all there is by time for a term that it takes for common. */
function unknown(value: Expression<string> | string) {
  return sql<string>`(select ${value}::text)`;
}

function startOfPeriod(period: string): string {
  const day = period.length === DAY ? period : `${period}${period.endsWith('-0') ? 1 : 0}`;
  return `${day}T00:00:00.000Z`;
}
