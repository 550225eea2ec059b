/** One stored span with what a waterfall needs; times are as sent, never adjusted. */
export interface SpanRecord {
  /** 32 hex digits, or 16 for an id of 64 bits. */
  readonly traceId: string;
  /** Lower-case hex, 16 digits. */
  readonly spanId: string;
  /** Empty when the span has no parent. */
  readonly parentId: string;
  readonly name: string;
  readonly service: string;
  /** `server`, `client`, `internal`, `producer`, `consumer` or `unspecified`. */
  readonly kind: string;
  /** Nanoseconds since the Unix epoch; 0 when the sender gave none. */
  readonly start: bigint;
  /** Nanoseconds; 0 when the span ended before it started. */
  readonly duration: number;
  readonly endBeforeStart: boolean;
  /** Identifies the clock that stamped the span; see hostKey. */
  readonly host: string;
  /** Whether the sender said which host it was on. */
  readonly hostKnown: boolean;
  readonly error: boolean;
  readonly statusMessage: string;
  /** HTTP's or gRPC's status code; empty when the span has none. */
  readonly statusCode: string;
  /** The exception's message, else the text of `error`, else `error.type`; empty when the span has neither. */
  readonly problem: string;
  /** Route or template of the URL; empty when the span has none. */
  readonly route: string;
  /** Host and path that a CLIENT span called whose name is a method alone; empty for others. */
  readonly target: string;
  readonly events: number;
  readonly links: number;
  /** The same number for CLIENT spans with equal arguments; 0 where those are not known. */
  readonly call: number;
  /** The same number for CLIENT spans whose statements differ in their values alone; 0 without a statement. */
  readonly statement: number;
  /** Whether it called a database. */
  readonly database: boolean;
  /** Whether it called a generative model. */
  readonly generative: boolean;
  /** Order of arrival in the store. */
  readonly sequence: number;
  /** When the explorer received it, nanoseconds since the Unix epoch. */
  readonly received: bigint;
  /** How many spans it stands for: 1 where nothing was sampled. */
  readonly sampleRate: number;
}

/**
 * Names the clock a span was stamped by: the host when the resource says which, otherwise the service and its
 * instance, because two services may run anywhere while one process has one clock.
 */
export function hostKey(resource: {
  hostId?: string;
  hostName?: string;
  service: string;
  instance?: string;
}): string {
  const host = resource.hostId || resource.hostName;
  return host ? `host ${host}` : `service ${resource.service} ${resource.instance ?? ''}`;
}
