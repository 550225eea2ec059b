/** Senders that are named. Further senders are not worth a sentence each. */
const MAX_SENDERS = 20;
const MAX_NAME_LENGTH = 100;

/** The senders of metrics. Metrics are accepted, so that no SDK logs an error per interval, and not kept. */
export class UnkeptMetrics {
  readonly #senders = new Set<string>();

  /** @param userAgent the name that the sender gives itself */
  receivedFrom(userAgent: string | undefined): void {
    if (this.#senders.size >= MAX_SENDERS) return;
    const name = (userAgent ?? '').replaceAll(/[^ -~]/gu, '').slice(0, MAX_NAME_LENGTH);
    this.#senders.add(name.trim() || 'a sender without User-Agent');
  }

  /** For people: a sentence per sender. */
  notices(): string[] {
    return [...this.#senders].map(
      (sender) =>
        `Metrics of ${sender} are received and not kept; OTEL_METRICS_EXPORTER=none at the sender stops them.`,
    );
  }
}
