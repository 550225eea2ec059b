import { LRUCache } from 'lru-cache';
import type { FoundUsers, User } from '../user-directory.ts';

/** Far more than the authors of the pages that are looked at. */
const MAX_AUTHORS = 10_000;
/** Authors of the usual size, 300 bytes, come to 3 MB. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Longer than an outage; a name that was changed or deleted meanwhile is not shown for ever. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;
/** The object, its entry and its key. */
const ENTRY_BYTES = 200;

/**
 * The authors that user-lookup told last, for answers while it does not. They are never shown in place of asking: what
 * is known to be current and what is only remembered must be told apart.
 */
export class AuthorCache {
  readonly #users: LRUCache<string, User>;

  /** @param limits `now`: a clock in milliseconds, monotonic when left out */
  constructor(limits: { maxAuthors?: number; maxBytes?: number; now?: () => number } = {}) {
    this.#users = new LRUCache({
      max: limits.maxAuthors ?? MAX_AUTHORS,
      maxSize: limits.maxBytes ?? MAX_BYTES,
      sizeCalculation: sizeOf,
      ttl: MAX_AGE_MS,
      perf: { now: limits.now ?? (() => performance.now()) },
      ttlResolution: limits.now === undefined ? 1000 : 0,
    });
  }

  /** Keeps those that were found, and forgets those that nobody is. */
  remember({ users, missing }: FoundUsers): void {
    for (const [handle, user] of users) this.#users.set(handle, user);
    for (const handle of missing) this.#users.delete(handle);
  }

  /** Those of the handles whose users are remembered. */
  recall(handles: Iterable<string>): Map<string, User> {
    const users = new Map<string, User>();
    for (const handle of handles) {
      const user = this.#users.get(handle);
      if (user !== undefined) users.set(handle, user);
    }
    return users;
  }
}

/** Strings of other than Latin letters take two bytes a character. */
function sizeOf({ handle, display_name, avatar_url }: User): number {
  return ENTRY_BYTES + 2 * (handle.length + display_name.length + avatar_url.length);
}
