import { trace } from '@opentelemetry/api';
import type { Deadline } from '@tandem/service-kit';
import type { FoundUsers } from '../user-lookup/call.ts';
import { LookupError } from '../user-lookup/call.ts';
import type { Dependencies } from './dependencies.ts';
import type { ActivityRecord, Thread } from './threads.ts';

/** The authors of a page; `degraded` when user-lookup did not answer. */
export interface Authors extends FoundUsers {
  readonly degraded: boolean;
}

/**
 * Looks up the authors of all activities and replies at once. While user-lookup is down or slow, the result has no authors,
 * and the active span says why.
 * @param others further handles to look up
 */
export async function findAuthors(
  { users }: Dependencies,
  threads: readonly Thread[],
  deadline: Deadline,
  others: readonly string[] = [],
): Promise<Authors> {
  const handles = new Set(others);
  for (const { handle, replies } of threads) {
    handles.add(handle);
    for (const reply of replies) handles.add(reply.handle);
  }
  if (handles.size === 0) return { users: new Map(), missing: new Set(), degraded: false };
  try {
    return { ...(await users.find([...handles], deadline)), degraded: false };
  } catch (error) {
    if (!(error instanceof LookupError)) throw error;
    trace.getActiveSpan()?.setAttributes({ 'app.degraded': true, 'app.degraded_reason': error.reason });
    return { users: new Map(), missing: new Set(), degraded: true };
  }
}

/** The activity as the API shows activities. Unknown names and pictures of authors are null. */
export function showThread(thread: Thread, { users }: Authors) {
  return { ...show(thread, users), replies: thread.replies.map((reply) => show(reply, users)) };
}

function show(activity: ActivityRecord, users: Authors['users']) {
  const user = users.get(activity.handle);
  return { ...activity, display_name: user?.display_name ?? null, avatar_url: user?.avatar_url ?? null };
}
