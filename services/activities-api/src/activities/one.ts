import { randomUUID } from 'node:crypto';
import { withinDeadline } from '@tandem/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { problems } from '../errors.ts';
import type { User } from '../users/directory.ts';
import { LookupError } from '../users/directory.ts';
import { findAuthors, showThread } from './authors.ts';
import type { ActivitiesDependencies } from './dependencies.ts';
import { lookupDeadline } from './dependencies.ts';
import { mentionsIn } from './mentions.ts';
import type { NewActivityRecord } from './repository.ts';
import type { NewActivity } from './schemas.ts';
import { TTL } from './ttl.ts';

/** One activity with its replies and their authors. */
export async function findActivity(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest,
  uuid: string,
) {
  const thread = await withinDeadline(request, () => dependencies.activities.find(uuid, dependencies.now()));
  if (thread === undefined) throw noActivity(uuid);
  const authors = await findAuthors(dependencies.users, [thread], lookupDeadline(dependencies, request));
  return { ...showThread(thread, authors), degraded: authors.degraded };
}

/** Stores an activity and answers 201. */
export async function postActivity(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Static<typeof NewActivity>,
) {
  const author = await requireAuthor(dependencies, request, body.handle);
  const activity = newActivity(body, dependencies.now());
  await withinDeadline(request, () => dependencies.activities.create(activity));
  return created(reply, activity, author, null);
}

/** Stores a reply and answers 201. */
export async function postReply(
  dependencies: ActivitiesDependencies,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Static<typeof NewActivity>,
  to: string,
) {
  const author = await requireAuthor(dependencies, request, body.handle);
  const activity = newActivity(body, dependencies.now());
  const stored = await withinDeadline(request, () => dependencies.activities.reply(activity, to));
  if (!stored) throw noActivity(to);
  return created(reply, activity, author, to);
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

function created(reply: FastifyReply, activity: NewActivityRecord, author: User, replyTo: string | null) {
  const { mentions: _, ...record } = activity;
  reply.code(201).header('location', `/api/activities/${record.uuid}`);
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

function noActivity(uuid: string) {
  return problems.ACTIVITY_NOT_FOUND({
    errors: [{ in: 'path', field: 'uuid', detail: `there is no activity ${uuid}, or it has expired` }],
  });
}
