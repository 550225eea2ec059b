/** Settings that the server writes into the page's HTML. */
export interface PageSettings {
  /** The API that "Try it" calls, by its URL for the browser. Empty where the two services are not: then nothing names them. */
  readonly apiUrl: string;
  /** The words before the explorer's commands, as a person types them. */
  readonly command: string;
  /** The command that shows the last run of a folder. */
  readonly open: string;
  /** Whether senders need EXPLORER_TOKEN. */
  readonly needsToken: boolean;
  /** The endpoint for the browser's own spans. */
  readonly otlpEndpoint: string;
  /** Indexes of colours by service. The page asks for those of services that appear later. */
  readonly serviceColors: Readonly<Record<string, number>>;
  /** Files of styles by view, which a view loads besides those of the frame. */
  readonly viewStyles: Readonly<Record<string, string>>;
  /** Id of the newest live event at the time of the page's request. Later events come over the live connection. */
  readonly liveFrom: string;
  /** The trace in a saved page, which is one file without an explorer. */
  readonly saved?: SavedFrom;
}

/** A saved page's words about itself. No text of it has a redacted value. */
export interface SavedFrom {
  readonly traceId: string;
  /** Scheme and host of the explorer that saved the page; left out when a redacted value is in it. */
  readonly origin?: string;
  /** Milliseconds since the epoch; left out where the page shall not say it. */
  readonly at?: number;
  /** Names of the fields whose values are left out. */
  readonly redacted: readonly string[];
}
