import { randomUUID } from 'node:crypto';
import type { Deadline } from '@tandem/service-kit';
import type { FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import { problems } from '../errors.ts';
import type { User } from '../user-lookup/call.ts';
import { LookupError } from '../user-lookup/call.ts';
import type { Dependencies } from './dependencies.ts';
import type { NewActivity } from './schemas.ts';
import { TTL } from './schemas.ts';

/**
 * Stores an activity and answers 201.
 * @param replyTo the activity to reply to; null for a new activity
 * @throws Problem UNKNOWN_AUTHOR for an unknown handle, USER_LOOKUP_UNAVAILABLE when user-lookup does not answer,
 * ACTIVITY_NOT_FOUND when `replyTo` does not exist
 */
export async function postActivity(
  dependencies: Dependencies,
  { handle, message, ttl }: Static<typeof NewActivity>,
  deadline: Deadline,
  reply: FastifyReply,
  replyTo: string | null = null,
) {
  const { display_name, avatar_url } = await requireAuthor(dependencies, handle, deadline);
  const now = dependencies.now();
  const activity = {
    uuid: randomUUID(),
    handle,
    message,
    created_at: now,
    expires_at: new Date(Date.parse(now) + TTL[ttl]).toISOString(),
    mentions: mentionsIn(message),
  };
  const stored = await dependencies.activities.store(activity, replyTo, deadline.signal);
  if (stored === undefined) throw activityNotFound(replyTo ?? '');
  reply.code(201).header('location', `/api/activities/${stored.uuid}`);
  return { ...stored, display_name, avatar_url, replies: [], degraded: false };
}

async function requireAuthor({ users }: Dependencies, handle: string, deadline: Deadline): Promise<User> {
  const found = await users.find([handle], deadline).catch((cause: unknown) => {
    if (!(cause instanceof LookupError)) throw cause;
    const detail = `The service did not find out whether the author exists: ${cause.reason}.`;
    throw problems.USER_LOOKUP_UNAVAILABLE({ detail, cause });
  });
  const user = found.users.get(handle);
  if (user !== undefined) return user;
  throw problems.UNKNOWN_AUTHOR({
    errors: [{ in: 'body', field: 'handle', detail: `nobody has the handle ${handle}` }],
  });
}

/** The problem of an activity that does not exist, or has expired. */
export function activityNotFound(uuid: string) {
  return problems.ACTIVITY_NOT_FOUND({
    errors: [{ in: 'path', field: 'uuid', detail: `there is no activity ${uuid}, or it has expired` }],
  });
}

const MENTION = /(?<![a-z0-9_@-])@([a-z0-9_-]{1,30})(?![a-z0-9_-])/gi;
/** One message notifies at most this many people. */
const MAX_MENTIONS = 20;

/**
 * The handles that a message mentions as `@handle`, each once, in order, at most 20.
 *
 * @example
 * mentionsIn('Hello @londo, and @Vir!'); // ['londo', 'vir']
 */
export function mentionsIn(message: string): string[] {
  const handles = new Set<string>();
  for (const match of message.matchAll(MENTION)) {
    if (match[1] !== undefined) handles.add(match[1].toLowerCase());
    if (handles.size === MAX_MENTIONS) break;
  }
  return [...handles];
}
