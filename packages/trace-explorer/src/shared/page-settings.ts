/** Settings that the server writes into the page's HTML. */
export interface PageSettings {
  /** The API that "Try it" calls, by its URL for the browser. */
  readonly apiUrl: string;
  /** The endpoint for the browser's own spans. */
  readonly otlpEndpoint: string;
  /** Colours by service. The page asks for the colours of services that appear later. */
  readonly serviceColors: Readonly<Record<string, string>>;
  /** Id of the newest live event at the time of the page's request. Later events come over the live connection. */
  readonly liveFrom: string;
  /** Id of the trace in a saved page, which is one file without an explorer. */
  readonly savedTraceId?: string;
}
