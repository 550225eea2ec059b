import { loopYielder } from '../../../lib/node/task-queue.ts';
import type { Deadline } from '../../../lib/time/deadline.ts';
import { leftOf, moveOn } from '../../../lib/time/deadline.ts';
import { Failure } from '../../failures.ts';
import { tooManyReaders } from '../store-error.ts';
import { ownTime } from './own-time.ts';
import type { ReadOptions } from './statement.ts';

/** Why a request has no answer in its time. Where others had more than half of the time, it may be quick on the next try. */
export function tooLate({ used, ms, longest }: Deadline): Failure {
  if (used < Math.min(ms, longest / 2)) return tooManyReaders();
  return new Failure('QUERY_TIMEOUT', `Reading took longer than ${ms} ms`);
}

/** Milliseconds that a request may still read, as far as it is known: beside others it may read for longer. 0 when its time is over. */
export function readingLeft(deadline: Deadline): number {
  return Math.min(leftOf(deadline), Math.max(0, deadline.ms - deadline.used));
}

/** Ends work for which nobody waits any more. @throws the signal's reason, or after the deadline `tooLate` */
export function ensureAwaited({ signal, deadline }: ReadOptions): void {
  signal?.throwIfAborted();
  if (deadline !== undefined && readingLeft(deadline) === 0) throw tooLate(deadline);
}

/**
 * For a long loop over what anybody sent: others have their turn, and the loop ends when nobody waits for it (`loopYielder`). A loop
 * that also reads begins a new one after each read: the time between two turns counts as used.
 */
export function turnsWithin(limits: ReadOptions): () => Promise<void> | undefined {
  const turn = loopYielder();
  const sinceLast = ownTime();
  return () => {
    const others = turn();
    if (others === undefined) return undefined;
    const { own, others: held } = sinceLast();
    if (limits.deadline !== undefined) {
      limits.deadline.used += own;
      moveOn(limits.deadline, held);
    }
    return others.then(() => {
      sinceLast();
      ensureAwaited(limits);
    });
  };
}
