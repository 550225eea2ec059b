import type { SpanFacts } from '../model/span-facts.ts';

/** One stored span with the values that a waterfall needs. Times are as sent, never adjusted. */
export interface SpanRecord extends SpanFacts {
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
  /** Nanoseconds; 0 when the span ended before it started, or far after its arrival. */
  readonly duration: number;
  readonly endBeforeStart: boolean;
  /** Whether the end alone is more than a year after the arrival. */
  readonly endIsFar: boolean;
  /** Identifies the clock that stamped the span; see hostKey. */
  readonly host: string;
  /** Whether the sender named its host. */
  readonly hostKnown: boolean;
  readonly error: boolean;
  readonly events: number;
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

const YEAR_NS = 365 * 86_400 * 1e9;

/**
 * Whether a start in nanoseconds is in 1970, so that its sender had another unit: a time of today in seconds, milliseconds or
 * microseconds is a time of 1970 in nanoseconds. 0 is not a time.
 */
export function isOtherUnit(start: bigint): boolean {
  return start > 0n && start < BigInt(YEAR_NS);
}

/** Whether a time is more than a year after the arrival. No clock of a running machine is so far ahead. */
export function isFar(time: bigint, received: bigint): boolean {
  return time > received + BigInt(YEAR_NS);
}

/** The duration from a start to an end. From a start of another unit, or to an end that is far, there is none. */
export function credibleDuration(start: bigint, duration: number, endIsFar: boolean): number {
  return endIsFar || (isOtherUnit(start) && duration > YEAR_NS) ? 0 : duration;
}
