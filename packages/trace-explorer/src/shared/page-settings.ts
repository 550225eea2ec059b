/** Settings that the server writes into the page's HTML. */
export interface PageSettings {
  /** The API that "Try it" sends requests to, as the browser reaches it. */
  readonly apiUrl: string;
  /** Where the browser's own spans go. */
  readonly otlpEndpoint: string;
  /** Colours by service. The page asks for the colours of later services. */
  readonly serviceColors: Readonly<Record<string, string>>;
  /** Id of the newest live event when the page was asked for: what comes later is told over the live connection. */
  readonly liveFrom: string;
  /** Id of the trace of a page that is one file, without an explorer behind it. */
  readonly savedTraceId?: string;
}
