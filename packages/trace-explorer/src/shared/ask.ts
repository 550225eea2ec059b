/** Method, body and signal of a question to the explorer's API. */
export interface AskOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Asks a route of the explorer's API for JSON. @throws Error that says what was wrong, for people */
export type Ask = <T>(path: string, options?: AskOptions) => Promise<T>;
