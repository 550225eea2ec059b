import { CLOSED } from '@tandem/service-kit';
import Type from 'typebox';
import { HANDLE_PATTERN } from '../user-lookup/call.ts';

const HOUR_MS = 3_600_000;

/** Lifetimes of an activity in milliseconds, by their names in the API. */
export const TTL = {
  '30-days': 30 * 24 * HOUR_MS,
  '7-days': 7 * 24 * HOUR_MS,
  '3-days': 3 * 24 * HOUR_MS,
  '1-day': 24 * HOUR_MS,
  '12-hours': 12 * HOUR_MS,
  '3-hours': 3 * HOUR_MS,
  '1-hour': HOUR_MS,
} as const;

export type Ttl = keyof typeof TTL;

const Handle = Type.String({
  pattern: HANDLE_PATTERN,
  description: '1 to 30 lower-case letters, digits, _ or -',
  examples: ['bayko'],
});

/** Activities in a page when the request has no limit. */
export const DEFAULT_LIMIT = 20;
/** Activities in a page at most. */
const MAX_LIMIT = 100;

/** The schema of a text or null. For a union of two schemas, the serializer would try both for every value. */
function nullable(options: { format?: string; description?: string } = {}) {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], ...options });
}

const Uuid = Type.String({ format: 'uuid' });
const Time = Type.String({ format: 'date-time' });

const Reply = Type.Object({
  uuid: Uuid,
  handle: Handle,
  display_name: nullable({ description: 'null when user-lookup gave no name' }),
  avatar_url: nullable(),
  message: Type.String(),
  created_at: Time,
  expires_at: Time,
  likes_count: Type.Integer(),
  replies_count: Type.Integer({ description: 'replies ever made, expired ones too' }),
  reposts_count: Type.Integer(),
  reply_to_activity_uuid: nullable({ format: 'uuid' }),
});

const Activity = Type.Object({
  ...Reply.properties,
  replies: Type.Array(Reply, { description: 'the latest ones that have not expired, oldest first' }),
});

const Degraded = Type.Boolean({
  description: 'true: user-lookup did not answer; names are null',
});

/** One activity, with `degraded`. */
export const OneActivity = Type.Object({ ...Activity.properties, degraded: Degraded });

/** A page of activities, newest first. */
export const ActivityPage = Type.Object({
  activities: Type.Array(Activity),
  next_cursor: nullable({
    description: '`before` of the next page; null on the last',
  }),
  degraded: Degraded,
});

const paging = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })),
  before: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: '`next_cursor` of the page before' }),
  ),
};

export const PageQuery = Type.Object(paging, CLOSED);
export const NotificationsQuery = Type.Object({ handle: Handle, ...paging }, CLOSED);
export const SearchQuery = Type.Object(
  {
    term: Type.String({
      minLength: 1,
      maxLength: 64,
      format: 'plain-text',
      description: 'what the message contains, in any case; made for up to some 100,000 activities',
      examples: ['trace'],
    }),
    ...paging,
  },
  CLOSED,
);

export const HandleParams = Type.Object({ handle: Handle }, CLOSED);
export const UuidParams = Type.Object({ uuid: Uuid }, CLOSED);

export const NewActivity = Type.Object(
  {
    handle: Handle,
    message: Type.String({
      minLength: 1,
      maxLength: 1024,
      format: 'plain-text',
      pattern: '\\S',
      description: 'a text that is not blank',
      examples: ['A trace begins in the browser.'],
    }),
    ttl: Type.Enum(Object.keys(TTL) as Ttl[], { examples: ['1-hour'] }),
  },
  CLOSED,
);
