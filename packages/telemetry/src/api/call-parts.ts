import { performance } from 'node:perf_hooks';
import type { Span, SpanOptions } from '@opentelemetry/api';

/** The parts of a call, in their order, as a browser's network panel has them. In milliseconds. */
export interface CallParts {
  /** For a connection: of a pool, or of a client whose connections are all in use. */
  readonly waiting?: number;
  readonly dns?: number;
  readonly connect?: number;
  readonly tls?: number;
  readonly first_byte?: number;
  readonly receiving?: number;
}

/** A shorter part is not worth an attribute, in milliseconds. */
const LEAST_PART_MS = 1;
const LEAST_SHARE = 0.1;

/** Whether CLIENT spans get the parts of their calls: TRACE_WAITS. */
export const callParts = { areWritten: true };

/** Whether a call of so many milliseconds may have parts. */
export function isWorthParts(whole: number): boolean {
  return callParts.areWritten && whole >= LEAST_PART_MS;
}

/** The parts beside which the wait for the answer is worth an attribute. */
const OTHERS = ['waiting', 'dns', 'connect', 'tls', 'receiving'] as const;

/**
 * Writes the parts of a call to its CLIENT span: those of at least a millisecond and a tenth of the whole. A call that only
 * waited for its answer has no parts.
 *
 * @param whole milliseconds of the span
 * @param poolSize the most connections of the pool that the call waited for, where it is known
 */
export function writeCallParts(span: Span, whole: number, parts: CallParts, poolSize?: number): void {
  if (!isWorthParts(whole)) return;
  const least = Math.max(LEAST_PART_MS, whole * LEAST_SHARE);
  let hasParts = false;
  for (const name of OTHERS) {
    const ms = parts[name] ?? 0;
    if (ms < least) continue;
    hasParts = true;
    span.setAttribute(`tandem.call.${name}_ms`, rounded(ms));
    if (name === 'waiting' && poolSize !== undefined) span.setAttribute('tandem.call.pool_size', poolSize);
  }
  const { first_byte: firstByte = 0 } = parts;
  if (hasParts && firstByte >= least) span.setAttribute('tandem.call.first_byte_ms', rounded(firstByte));
}

/** A wait for a connection of a pool. Times are readings of `performance.now()`. */
export interface ConnectionWait {
  readonly since: number;
  readonly ms: number;
  /** The connection was opened meanwhile; else others used it. */
  readonly isNew: boolean;
  /** The turn of the event loop in which the wait ended. */
  readonly turn: number;
  isTaken?: boolean;
}

/** The wait that ends now; undefined for one that is not worth telling. */
export function endWait(since: number, isNew: boolean): ConnectionWait | undefined {
  const ms = performance.now() - since;
  const isTold = ms >= LEAST_PART_MS && callParts.areWritten;
  return isTold ? { since, ms, isNew, turn: turnOfLoop() } : undefined;
}

/**
 * The options of a command's span. The first command on a connection begins with the wait, in the turn in which the wait ended.
 *
 * @param poolSize the most connections of the pool, asked in the command's context
 */
export function withWait(options: SpanOptions, wait?: ConnectionWait, poolSize?: PoolSize): SpanOptions {
  if (wait === undefined || wait.isTaken === true || wait.turn !== turnOfLoop()) return options;
  wait.isTaken = true;
  const size = typeof poolSize === 'function' ? poolSize() : poolSize;
  const part = wait.isNew
    ? { 'tandem.call.connect_ms': rounded(wait.ms) }
    : { 'tandem.call.waiting_ms': rounded(wait.ms), 'tandem.call.pool_size': size };
  return { ...options, startTime: wait.since, attributes: { ...options.attributes, ...part } };
}

type PoolSize = number | (() => number);

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function turnOfLoop(): number {
  return performance.nodeTiming.uvMetricsInfo.loopCount;
}
