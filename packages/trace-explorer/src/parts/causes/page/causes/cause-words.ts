import type { Place } from '../../../../core/places/place.ts';
import { definedParams } from '../../../../core/places/place.ts';
import type { Range } from '../../../../core/places/range.ts';
import { rangeParams } from '../../../../core/places/shown-range.ts';
import type { Cause, CauseRow, Causes } from '../../../../core/problems/schemas.ts';
import { countOf } from '../../../../core/problems/units.ts';
import { isBad as isBadShare } from '../../../../core/query/build/bad-share.ts';
import { counted } from '../../../../lib/text/words.ts';
import { formatCount, formatShare } from '../../../../page/values/format.ts';

/** The page of a cause, with a range. */
export function causePlace(id: string, range: Range): Place {
  return { view: 'cause', id, params: definedParams(rangeParams('cause', range)) };
}

/** Where the log records of the conversation with the cause are read. */
export function conversationPlace({ by, id }: NonNullable<Cause['conversation']>): Place {
  return { view: 'conversation', id, params: { by } };
}

/** How many units, and of which: `5 requests`, `0.1 % of all`; `31 traces`, `of 187 looked at`; or conversations, where only log records tell; and whether the second is a share. */
export function countTexts(cause: CauseRow): readonly [count: string, of: string, isShare?: boolean] {
  const { counted: by, traces, of: looked } = cause;
  const { unit, count, seen, of } = countOf(cause);
  if (unit === 'conversation') return [counted(count, unit), `of ${formatCount(of)}`];
  if (seen !== undefined) return [`≈ ${counted(count, unit)}`, `seen in ${formatCount(seen)}`];
  if (by === 'looked' && unit === 'trace')
    return [counted(traces, unit), `of ${formatCount(looked)} looked at`];
  const share = of === 0 ? 0 : Math.min(1, count / of);
  return [counted(count, unit), `${formatShare(share)} of all`, true];
}

/** Since when: `since 14:02, after 3.1.0`. */
export function sinceText({ counted: by, first, new: isNew, after }: CauseRow): string {
  const time = clock(first);
  if (isNew) return `since ${time}${after ? `, after ${after.version}` : ''}`;
  return by === 'looked' ? `since ${time} or earlier` : `since ${time}`;
}

/** Whether more requests failed by it than a few. A new cause was not there before: its usual share is none. */
export function isBad({ failed, of, of_estimated = of, new: isNew, usual, fact }: CauseRow): boolean {
  return !fact && of > 0 && isBadShare(failed / of_estimated, isNew ? 0 : usual);
}

/** The share of the traces: `187 of 5,000 traces were looked at`. */
export function lookedText({ looked, of }: Pick<Causes, 'looked' | 'of'>): string {
  const all = counted(of, 'trace');
  return `${looked >= of ? '' : `${formatCount(looked)} of `}${all} ${of === 1 ? 'was' : 'were'} looked at`;
}

/** The meaning of *new*: `New: not there from 12:02 to 13:02, where 200 traces were looked at.` Empty where nothing can be called new. */
export function comparedText(
  range: Pick<Causes, 'compared' | 'start_time' | 'end_time' | 'looked_before'>,
): string {
  const { compared, start_time, end_time, looked_before: looked } = range;
  if (!compared) return '';
  const at = (seconds: number) => clock(1000 * seconds);
  const also = looked === undefined ? '' : `, where ${lookedText({ looked, of: looked })}`;
  return `New: not there from ${at(2 * start_time - end_time)} to ${at(start_time)}${also}.`;
}

/** Hours and minutes of today, else with the day. @param at milliseconds since the epoch, or ISO 8601 */
export function clock(at: string | number): string {
  const [date, now] = [new Date(at), new Date()];
  const time = date.toTimeString().slice(0, 5);
  return date.toDateString() === now.toDateString() ? time : `${date.toDateString().slice(4, 10)} ${time}`;
}
