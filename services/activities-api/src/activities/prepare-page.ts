import { prepareQuery } from '@tandem/service-kit';
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { sql } from 'kysely';
import type { ActivitiesSchema, ActivityRow } from '../database.ts';
import type { Position } from './cursor.ts';
import type { Thread, ThreadRow } from './threads.ts';
import { groupThreads, REPLY_COLUMNS, THREAD_COLUMNS } from './threads.ts';

/** Which part of the activities a query selects. */
export interface PageRequest {
  /** What has expired by then is left out; ISO 8601, as stored. */
  readonly now: string;
  readonly limit: number;
  /** Only what is older than this position. */
  readonly before?: Position | undefined;
}

type Activities = SelectQueryBuilder<ActivitiesSchema, 'activities', Pick<ActivityRow, never>>;

/** Values of one run; `filter` is what the query's own condition compares with. */
interface Values {
  now: string;
  limit: number;
  replies: number;
  filter: string;
  beforeTime: string;
  beforeUuid: string;
}

/** Narrows a query to the activities that a page is made of. */
type Condition = (query: Activities, filter: string) => Activities;

/**
 * Prepares the query of one kind of page: activities that meet `condition`, newest first, each with those of its
 * latest `replies` replies that have not expired. One statement for both, so that a page is one round trip. Replies
 * are numbered, so that the latest of a long thread are a range of an index and need no sort.
 */
export function preparePage(
  db: Kysely<ActivitiesSchema>,
  replies: number,
  condition: Condition,
): (page: PageRequest, filter?: string) => Promise<Thread[]> {
  const first = prepare(db, condition, false);
  const next = prepare(db, condition, true);
  return async function findPage({ now, limit, before }, filter = '') {
    const values = {
      now,
      limit,
      replies,
      filter,
      beforeTime: before?.createdAt ?? '',
      beforeUuid: before?.uuid ?? '',
    };
    return groupThreads(await (before === undefined ? first : next)(values));
  };
}

function prepare(db: Kysely<ActivitiesSchema>, condition: Condition, continued: boolean) {
  return prepareQuery<ActivitiesSchema, Values, ThreadRow>(db, (value) => {
    const page = condition(db.selectFrom('activities'), value('filter'))
      .selectAll()
      .where('expires_at', '>', value('now'))
      .$if(continued, (query) =>
        query.where(sql<boolean>`(created_at, uuid) < (${value('beforeTime')}, ${value('beforeUuid')})`),
      )
      .orderBy('created_at', 'desc')
      .orderBy('uuid', 'desc')
      .limit(value('limit'));
    return db
      .selectFrom(page.as('a'))
      .leftJoin('activities as r', (join) =>
        join
          .onRef('r.reply_to_activity_uuid', '=', 'a.uuid')
          .on('r.reply_number', '>', sql<number>`a.replies_count - ${value('replies')}`)
          .on('r.expires_at', '>', value('now')),
      )
      .select(THREAD_COLUMNS)
      .select(REPLY_COLUMNS)
      .orderBy('a.created_at', 'desc')
      .orderBy('a.uuid', 'desc')
      .orderBy('r.reply_number');
  });
}
