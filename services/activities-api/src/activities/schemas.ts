import { CLOSED, describePattern } from '@tandem/service-kit';
import Type from 'typebox';
import { HANDLE_PATTERN } from '../user-directory.ts';
import type { Ttl } from './ttl.ts';
import { TTL } from './ttl.ts';

const Handle = Type.String({
  pattern: describePattern(HANDLE_PATTERN, 'must be 1 to 30 lower-case letters, digits, _ or -'),
  examples: ['bayko'],
});

/** Activities in a page where the request does not say. */
const DEFAULT_LIMIT = 20;
/** Activities in a page at most. */
const MAX_LIMIT = 100;

/** Text or null as one type: the serializer would try a union of two one after the other, for every value. */
function nullable(options: { format?: string; description?: string } = {}) {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], ...options });
}

const Uuid = Type.String({ format: 'uuid' });
const Time = Type.String({ format: 'date-time' });

const Reply = Type.Object({
  uuid: Uuid,
  handle: Handle,
  display_name: nullable({ description: 'null when the user could not be looked up, and was not before' }),
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
  description: 'true: users could not be looked up; their names are the last that were known, or null',
});

/** One activity, with `degraded`. */
export const OneActivity = Type.Object({ ...Activity.properties, degraded: Degraded });

/** A page of activities, newest first. */
export const ActivityPage = Type.Object({
  activities: Type.Array(Activity),
  next_cursor: nullable({
    description:
      '`before` of the next page; null on the last. Only null says that there is no more: a search for a short term can give a page with few activities or none, and go on with the next one',
  }),
  degraded: Degraded,
});

const paging = {
  limit: Type.Integer({ minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
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
      description:
        'what the message contains, in any case. For a term of three or more letters or digits in a row, an index has all activities; for another one, as of one or two characters, a request looks through the newest 2,000 activities before its position. A page that is not full may have a `next_cursor`, which goes on from where the search stopped; null says that there is no more',
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
      pattern: describePattern('\\S', 'must not be blank'),
    }),
    ttl: Type.Enum(Object.keys(TTL) as Ttl[]),
  },
  CLOSED,
);
