/**
 * Commands of the host that warnings may name. Without them, warnings say in general words what to do.
 *
 * @example
 * ```ts
 * startTelemetry({ advice: { checkKey: 'npm run check-key', startReceiver: 'docker compose up collector' } });
 * ```
 */
export interface Advice {
  /** Says what is wrong with Honeycomb's key. */
  readonly checkKey?: string;
  /** Starts the trace explorer, or another OTLP receiver, on this machine. */
  readonly startReceiver?: string;
}
