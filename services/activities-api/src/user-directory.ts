import type { MetricValues } from '@tandem/telemetry';

/** What a handle looks like, as a regular expression: the same in user-lookup. */
export const HANDLE_PATTERN = '^[a-z0-9_-]{1,30}$';

/** A user as user-lookup knows them. */
export interface User {
  readonly handle: string;
  readonly display_name: string;
  readonly avatar_url: string;
}

/** What a look-up found. */
export interface FoundUsers {
  readonly users: ReadonlyMap<string, User>;
  /** Handles that nobody has. */
  readonly missing: ReadonlySet<string>;
}

/** Where users are looked up. */
export interface UserDirectory {
  /**
   * Looks up many users at once.
   * @param deadline time at which the answer becomes useless, on the clock of `performance.now()`
   * @throws LookupError when user-lookup does not answer in time, or not as it should
   */
  find(handles: readonly string[], deadline: number): Promise<FoundUsers>;
  /** What there is to tell of the way to it. */
  metrics?(): readonly MetricValues[];
  close(): Promise<void>;
}

/** Why users could not be looked up. */
export class LookupError extends Error {
  override readonly name = 'LookupError';
  /**
   * `timeout`, `unreachable`, `http_503` (or another status), `invalid_response` (a 200 that is not what was asked for,
   * or does not come whole), or `circuit_open`: not asked, because user-lookup did not answer of late.
   */
  readonly reason: string;
  /** What the span of the failed request has as `error.type`: the reason, and a status as instrumentations write it. */
  readonly code: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`user-lookup: ${reason}`, options);
    this.reason = reason;
    this.code = reason.replace(/^http_/, '');
  }
}
