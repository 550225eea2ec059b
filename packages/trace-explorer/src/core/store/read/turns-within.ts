import type { Deadline } from '../../shared/deadline.ts';
import { leftOf } from '../../shared/deadline.ts';
import { turns } from '../../shared/turns.ts';
import { StoreError, tooManyReaders } from '../store-error.ts';
import type { ReadOptions } from './statement.ts';

/** Why a request has no answer at its deadline. Where others had more than half of its time, it may be quick on the next try. */
export function tooLate({ used, ms }: Deadline): StoreError {
  if (used < ms / 2) return tooManyReaders();
  return new StoreError('QUERY_TIMEOUT', { message: `Reading took longer than ${ms} ms` });
}

/** Ends work for which nobody waits any more. @throws the signal's reason, or after the deadline `tooLate` */
export function ensureAwaited({ signal, deadline }: ReadOptions): void {
  signal?.throwIfAborted();
  if (deadline !== undefined && leftOf(deadline) === 0) throw tooLate(deadline);
}

/**
 * For a long loop over what anybody sent: others have their turn, and the loop ends when nobody waits for it (`turns`). A loop
 * that also reads begins a new one after each read: the time between two turns counts as used.
 */
export function turnsWithin(limits: ReadOptions): () => Promise<void> | undefined {
  const turn = turns();
  let since = performance.now();
  return () => {
    const others = turn();
    if (others === undefined) return undefined;
    if (limits.deadline !== undefined) limits.deadline.used += performance.now() - since;
    return others.then(() => {
      since = performance.now();
      ensureAwaited(limits);
    });
  };
}
