import type { Span } from '@opentelemetry/api';

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
export const LEAST_PART_MS = 1;
const LEAST_SHARE = 0.1;

/** Whether CLIENT spans get the parts of their calls: TRACE_WAITS. */
export const callParts = { areWritten: true };

/**
 * Writes the parts of a call to its CLIENT span: those of at least a millisecond and a tenth of the whole.
 *
 * @param whole milliseconds of the span
 * @param poolSize the most connections of the pool that the call waited for, where it is known
 */
export function writeCallParts(span: Span, whole: number, parts: CallParts, poolSize?: number): void {
  if (!callParts.areWritten || whole < LEAST_PART_MS) return;
  const least = Math.max(LEAST_PART_MS, whole * LEAST_SHARE);
  for (const name in parts) {
    const ms = parts[name as keyof CallParts] ?? 0;
    if (ms < least) continue;
    span.setAttribute(`tandem.call.${name}_ms`, Math.round(ms * 10) / 10);
    if (name === 'waiting' && poolSize !== undefined) span.setAttribute('tandem.call.pool_size', poolSize);
  }
}
