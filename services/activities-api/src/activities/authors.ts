import { trace } from '@opentelemetry/api';
import type { FoundUsers } from '../user-directory.ts';
import { LookupError } from '../user-directory.ts';
import type { ActivitiesDependencies } from './dependencies.ts';
import type { ActivityRecord, Thread } from './threads.ts';

/** The authors of a page; `degraded` when user-lookup did not give them. */
interface Authors extends FoundUsers {
  readonly degraded: boolean;
}

/**
 * Looks up the authors of all activities and replies at once. Where user-lookup is down or slow, answers in time with
 * those that are remembered, and the active span says why, and how many they are.
 * @param until when to stop waiting, on the clock of `performance.now()`
 * @param others further handles to look up
 */
export async function findAuthors(
  { users, authorCache }: Pick<ActivitiesDependencies, 'users' | 'authorCache'>,
  threads: readonly Thread[],
  until: number,
  others: readonly string[] = [],
): Promise<Authors> {
  const handles = new Set(others);
  for (const { handle, replies } of threads) {
    handles.add(handle);
    for (const reply of replies) handles.add(reply.handle);
  }
  if (handles.size === 0) return { users: new Map(), missing: new Set(), degraded: false };
  try {
    const found = await users.find([...handles], until);
    authorCache.remember(found);
    return { ...found, degraded: false };
  } catch (error) {
    if (!(error instanceof LookupError)) throw error;
    const remembered = authorCache.recall(handles);
    trace.getActiveSpan()?.setAttributes({
      'app.degraded': true,
      'app.degraded_reason': error.reason,
      'app.stale_authors': remembered.size,
    });
    return { users: remembered, missing: new Set(), degraded: true };
  }
}

/** The activity as the API shows it: with its authors' names and pictures, or null where those are not known. */
export function showThread(thread: Thread, { users }: Authors) {
  return { ...show(thread, users), replies: thread.replies.map((reply) => show(reply, users)) };
}

function show(activity: ActivityRecord, users: Authors['users']) {
  const user = users.get(activity.handle);
  return { ...activity, display_name: user?.display_name ?? null, avatar_url: user?.avatar_url ?? null };
}
