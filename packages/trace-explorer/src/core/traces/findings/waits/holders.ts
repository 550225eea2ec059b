import { counted, quoted } from '../../../../lib/text/words.ts';
import type { TraceModel } from '../../model/trace-model.ts';
import { POOL_ADVICE } from './connections.ts';

const LEAK_ADVICE =
  'Give each connection back in a finally block, so that it also goes back where the code throws or returns early.';

/** Who held the connections that some calls waited for: what is said of it, and how it changes the rest of a finding. */
interface Holder {
  readonly words: string;
  /** Whether nobody gives them back. */
  readonly isLeak: boolean;
  readonly advice: string;
  /** Of a leak the line that took them. */
  readonly line?: string;
  /** The request and the line. */
  readonly heldBy?: string;
}

/** `; 4 of 4 connections are held by GET /coupons/:code, coupon.mjs:3, whose requests ended`: of the first call that knows. */
export function holderOf(model: TraceModel, indexes: readonly number[]): Holder {
  const index = indexes.find((each) => model.held(each) > 0 && model.heldBy(each) !== undefined) ?? -1;
  const [count, size, line] = [model.held(index), model.poolSize(index), leakLineOf(model, index)];
  if (count === 0) return { words: '', isLeak: false, advice: POOL_ADVICE };
  const hasEnded = model.isHeldAfterEnd(index);
  const [now, then] = count === 1 ? ['is', 'was'] : ['are', 'were'];
  const all =
    size === 1 ? 'the only connection' : `${count} of ${counted(Math.max(count, size), 'connection')}`;
  const at = model.heldAt(index);
  const by = `${quoted(model.heldBy(index) ?? '')}${at === undefined ? '' : `, ${quoted(at)}`}`;
  const ended = hasEnded ? `, whose ${count === 1 ? 'request' : 'requests'} ended` : '';
  return {
    words: `; ${all} ${hasEnded ? now : then} held by ${by}${ended}`,
    isLeak: hasEnded,
    advice: hasEnded ? LEAK_ADVICE : POOL_ADVICE,
    heldBy: by,
    ...(line !== undefined && { line }),
  };
}

/** The line that took connections which nobody gave back, of a call that waited for one. */
export function leakLineOf(model: TraceModel, index: number): string | undefined {
  return model.isHeldAfterEnd(index) ? model.heldAt(index) : undefined;
}
