import type { Span, SpanOptions } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import { monotonicNow, nodeTiming } from './primordials.ts';

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

/** Waits for connections that have ended, each until the next call of the same caller to its pool in the same turn of the loop. */
const ended: {
  readonly pool: unknown;
  readonly caller: Span | undefined;
  readonly turn: number;
  readonly since: number;
  readonly ms: number;
  /** The connection was opened meanwhile; else others used it. */
  readonly isNew: boolean;
}[] = [];

/**
 * Keeps the wait that ends now, if it is worth telling.
 *
 * @param pool whatever tells the pool apart
 * @param since reading of `performance.now()`
 */
export function endWait(pool: unknown, since: number, isNew: boolean, caller = context.active()): void {
  const ms = monotonicNow() - since;
  if (ms < LEAST_PART_MS || !callParts.areWritten) return;
  const turn = turnOfLoop();
  if (ended.at(-1)?.turn !== turn) ended.length = 0;
  ended.push({ pool, caller: trace.getSpan(caller), turn, since, ms, isNew });
}

/**
 * The options of a command's span. The first command after a wait begins with it.
 *
 * @param poolSize the most connections of the pool, asked in the command's context
 */
export function withWait(options: SpanOptions, pool: unknown, poolSize?: PoolSize): SpanOptions {
  if (ended.length === 0) return options;
  const [caller, turn] = [trace.getSpan(context.active()), turnOfLoop()];
  const at = ended.findIndex((each) => each.turn === turn && each.pool === pool && each.caller === caller);
  const [wait] = at < 0 ? [] : ended.splice(at, 1);
  if (wait === undefined) return options;
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
  return nodeTiming.uvMetricsInfo.loopCount;
}
