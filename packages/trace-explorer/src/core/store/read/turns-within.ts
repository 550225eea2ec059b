import { Failure } from '../../failures.ts';
import { leftOf } from '../../shared/deadline.ts';
import { turns } from '../../shared/turns.ts';
import type { ReadOptions } from './statement.ts';

/** Ends work for which nobody waits any more. @throws the signal's reason, or QUERY_TIMEOUT after the deadline */
export function ensureAwaited({ signal, deadline }: ReadOptions): void {
  signal?.throwIfAborted();
  if (deadline !== undefined && leftOf(deadline) === 0) throw new Failure('QUERY_TIMEOUT');
}

/** For a long loop over what anybody sent: others have their turn, and the loop ends when nobody waits for it (`turns`). */
export function turnsWithin(limits: ReadOptions): () => Promise<void> | undefined {
  const turn = turns();
  return () => turn()?.then(() => ensureAwaited(limits));
}
