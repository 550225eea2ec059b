import { randomUUID } from 'node:crypto';
import { withinDeadline } from '@tandem/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { problems } from '../errors.ts';
import type { User } from '../user-directory.ts';
import { LookupError } from '../user-directory.ts';
import type { ActivitiesDependencies } from './dependencies.ts';
import { lookupDeadline } from './dependencies.ts';
import { AlreadyDone, onceOnly } from './idempotency.ts';
import { mentionsIn } from './mentions.ts';
import type { NewActivityRecord } from './repository.ts';
import type { NewActivity } from './schemas.ts';
import { activityNotFound } from './show-activity.ts';
import { TTL } from './ttl.ts';

/**
 * Stores an activity and answers 201.
 * @throws Problem UNKNOWN_AUTHOR when nobody has the handle, USER_LOOKUP_UNAVAILABLE when that cannot be found out,
 * IDEMPOTENCY_KEY_REUSED when the key came with another request before
 */
export async function postActivity(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Static<typeof NewActivity>,
) {
  const author = await requireAuthor(dependencies, request, body.handle);
  const now = dependencies.now();
  const activity = newActivity(body, now);
  const answer = answerOf(activity, author, null);
  const once = onceOnly(request, answer, now);
  return created(reply, answer, async () => {
    await withinDeadline(request, () => dependencies.activities.create(activity, once));
  });
}

/**
 * Stores a reply and answers 201.
 * @throws Problem as `postActivity`, and ACTIVITY_NOT_FOUND when there is nothing to reply to
 */
export async function postReply(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Static<typeof NewActivity>,
  to: string,
) {
  const author = await requireAuthor(dependencies, request, body.handle);
  const now = dependencies.now();
  const activity = newActivity(body, now);
  const answer = answerOf(activity, author, to);
  const once = onceOnly(request, answer, now);
  return created(reply, answer, async () => {
    const isStored = await withinDeadline(request, () => dependencies.activities.reply(activity, to, once));
    if (!isStored) throw activityNotFound(to);
  });
}

async function requireAuthor(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest,
  handle: string,
): Promise<User> {
  try {
    const { users } = await dependencies.users.find([handle], lookupDeadline(dependencies, request));
    const user = users.get(handle);
    if (user !== undefined) return user;
  } catch (cause) {
    if (!(cause instanceof LookupError)) throw cause;
    throw problems.USER_LOOKUP_UNAVAILABLE({
      detail: `The author could not be checked: ${cause.reason}.`,
      cause,
    });
  }
  throw problems.UNKNOWN_AUTHOR({
    errors: [{ in: 'body', field: 'handle', detail: `nobody has the handle ${handle}` }],
  });
}

function newActivity({ handle, message, ttl }: Static<typeof NewActivity>, now: string): NewActivityRecord {
  return {
    uuid: randomUUID(),
    handle,
    message,
    created_at: now,
    expires_at: new Date(Date.parse(now) + TTL[ttl]).toISOString(),
    mentions: mentionsIn(message),
  };
}

/** Stores what is answered; what was done before is answered as it was then. */
async function created(reply: FastifyReply, answer: Answer, store: () => Promise<void>): Promise<Answer> {
  let shown = answer;
  try {
    await store();
  } catch (error) {
    if (!(error instanceof AlreadyDone)) throw error;
    shown = JSON.parse(error.answer);
    reply.header('idempotent-replayed', 'true');
  }
  reply.code(201).header('location', `/api/activities/${shown.uuid}`);
  return shown;
}

type Answer = ReturnType<typeof answerOf>;

function answerOf(activity: NewActivityRecord, author: User, replyTo: string | null) {
  const { mentions: _, ...record } = activity;
  return {
    ...record,
    display_name: author.display_name,
    avatar_url: author.avatar_url,
    likes_count: 0,
    replies_count: 0,
    reposts_count: 0,
    reply_to_activity_uuid: replyTo,
    replies: [],
    degraded: false,
  };
}
