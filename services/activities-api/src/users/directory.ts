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
   * Looks up many users in one call for every 100 handles.
   * @param deadline when the answer is of no use any more, on the clock of `performance.now()`
   * @throws {LookupError} when user-lookup does not answer in time, or not as it should
   */
  find(handles: readonly string[], deadline: number): Promise<FoundUsers>;
  close(): Promise<void>;
}

/** Why users could not be looked up. */
export class LookupError extends Error {
  override readonly name = 'LookupError';
  /** `timeout`, `unreachable`, `http_503` (or another status) or `invalid_response`. */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`user-lookup: ${reason}`, options);
    this.reason = reason;
  }
}
