/** One stored span with the values that a waterfall needs. Times are as sent, never adjusted. */
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
  /** Whether the sender named its host. */
  readonly hostKnown: boolean;
  readonly error: boolean;
  readonly statusMessage: string;
  /** HTTP's or gRPC's status code; empty when the span has none. */
  readonly statusCode: string;
  /** The exception's message, else the text of `error`, else `error.type`; empty when the span has neither. */
  readonly problem: string;
  /** The message of a failed span's exception, else the exception's type; empty without an exception. */
  readonly exception: string;
  /** The first frame of the app in the exception's stack; empty without a frame. */
  readonly frame: string;
  /** Route or template of the URL; empty when the span has none. */
  readonly route: string;
  /** The called host and path of a CLIENT span whose name is only a method; empty for others. */
  readonly target: string;
  /** What `run --profile` has sent, as JSON; empty without it. */
  readonly ownTime: string;
  readonly events: number;
  readonly links: number;
  /** For CLIENT spans a number, equal for equal arguments; 0 when the arguments are unknown. */
  readonly call: number;
  /** For CLIENT spans a number, equal for statements that differ only in their values; 0 without a statement. */
  readonly statement: number;
  /** Whether the span called a database. */
  readonly database: boolean;
  /** Whether the span called a generative model. */
  readonly generative: boolean;
  /** Order of arrival in the store. */
  readonly sequence: number;
  /** Time of arrival at the explorer, nanoseconds since the Unix epoch. */
  readonly received: bigint;
  /** The number of spans that this span stands for: 1 without sampling. */
  readonly sampleRate: number;
}

/**
 * The name of the clock that stamped a span: the host when the resource names it, else the service and its instance. Two
 * services may run on different hosts, while one process has one clock.
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
