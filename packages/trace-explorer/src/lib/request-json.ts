/** Method, body and signal of a request to the explorer's API. */
export interface AskOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** The body; sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Requests JSON from a route of the explorer's API. @throws Error that names the fault, for people */
export type Ask = <T>(path: string, options?: AskOptions) => Promise<T>;
