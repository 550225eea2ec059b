/** What the page needs to know before it asks anything; the server writes it into the HTML. */
export interface PageSettings {
  /** The API that "Try it" sends requests to, as the browser reaches it. */
  readonly apiUrl: string;
  /** Where the browser's own spans go. */
  readonly otlpEndpoint: string;
  /** By service; those that have come since are asked for. */
  readonly serviceColors: Readonly<Record<string, string>>;
  /** Id of the newest live event when the page was asked for: what comes later is told over the live connection. */
  readonly liveFrom: string;
}
