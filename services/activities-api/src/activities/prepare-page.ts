import type { Placeholder } from '@tandem/service-kit';
import { prepareQuery } from '@tandem/service-kit';
import type { AliasedExpression, Kysely, SelectQueryBuilder } from 'kysely';
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

/** Values of every page's query. */
export interface PageValues {
  now: string;
  limit: number;
  replies: number;
  beforeTime: string;
  beforeUuid: string;
}

/** Which activities a page is made of, and the index that has them newest first. */
interface PageSource<Filter> {
  /**
   * A query for them. With `continued` it may leave out what is newer than `beforeTime`, where an index can; the page
   * does so itself, exactly.
   */
  readonly select: (value: Placeholder<Filter & PageValues>, continued: boolean) => Activities;
  /** Columns that an index has in this order, descending; those of activities when left out. */
  readonly order?: readonly string[];
  /** Columns that hold time and uuid, to compare with a position. */
  readonly position?: readonly [time: string, uuid: string];
}

type Activities = SelectQueryBuilder<ActivitiesSchema, 'activities', Record<never, never>>;

const NEWEST = ['activities.created_at', 'activities.uuid'] as const;

/**
 * Prepares the query of one kind of page: the activities of `source`, newest first, each with those of its latest
 * `replies` replies that have not expired. One statement for both, so that a page is one round trip. Replies are
 * numbered, so that the latest of a long thread are a range of an index and need no sort.
 */
export function preparePage<Filter extends object>(
  db: Kysely<ActivitiesSchema>,
  replies: number,
  source: PageSource<Filter>,
): (page: PageRequest, filter: Filter) => Promise<Thread[]> {
  const first = prepare(db, source, false);
  const next = prepare(db, source, true);
  return async function findPage({ now, limit, before }, filter) {
    const values = {
      ...filter,
      now,
      limit,
      replies,
      beforeTime: before?.createdAt ?? '',
      beforeUuid: before?.uuid ?? '',
    };
    return groupThreads(await (before === undefined ? first : next)(values));
  };
}

function prepare<Filter extends object>(
  db: Kysely<ActivitiesSchema>,
  { select, order = NEWEST, position: [time, uuid] = NEWEST }: PageSource<Filter>,
  continued: boolean,
) {
  return prepareQuery<ActivitiesSchema, Filter & PageValues, ThreadRow>(db, (filter) => {
    const value = filter as unknown as Placeholder<PageValues>;
    const page = order
      .reduce((query, column) => query.orderBy(sql.ref(column), 'desc'), select(filter, continued))
      .selectAll('activities')
      .where('activities.expires_at', '>', value('now'))
      .$if(continued, (query) =>
        query.where(
          sql<boolean>`(${sql.ref(time)}, ${sql.ref(uuid)}) < (${value('beforeTime')}, ${value('beforeUuid')})`,
        ),
      )
      .limit(value('limit'));
    return withReplies(db, page.as('a'), value);
  });
}

/** Selects the activities of `page`, newest first, each with those of its latest replies that have not expired. */
export function withReplies(
  db: Kysely<ActivitiesSchema>,
  page: AliasedExpression<ActivityRow, 'a'>,
  value: Placeholder<Pick<PageValues, 'now' | 'replies'>>,
) {
  return db
    .selectFrom(page)
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
}
