import type { Place } from '../../../../core/places/place.ts';
import { definedParams } from '../../../../core/places/place.ts';
import type { Range } from '../../../../core/places/range.ts';
import { rangeParams } from '../../../../core/places/shown-range.ts';
import { BAD_SHARE } from '../../../../page/api/failed-text.ts';
import { about, formatCount, formatShare } from '../../../../page/values/format.ts';
import type { Cause, Causes } from '../../server/schemas.ts';

/** The page of a cause, with a range. */
export function causePlace(id: string, range: Range): Place {
  return { view: 'cause', id, params: definedParams(rangeParams('cause', range)) };
}

/** Where the log records of the conversation with the cause are read. */
export function conversationPlace({ by, id }: NonNullable<Cause['conversation']>): Place {
  return { view: 'conversation', id, params: { by } };
}

/** How many requests: `5 (0.1 %)` of all, or `31 of 187 looked at`; how many conversations, where only log records tell. */
export function countText({ counted, traces, of, estimated, conversation }: Cause): string {
  if (conversation) return `${formatCount(traces)} of ${formatCount(of)} conversations`;
  if (counted === 'looked') return `${formatCount(traces)} of ${formatCount(of)} looked at`;
  return about(`${formatCount(traces)} (${formatShare(of === 0 ? 0 : Math.min(1, traces / of))})`, estimated);
}

/** Since when: `new since 14:02, after 3.1.0`. */
export function sinceText({ counted, first, new: isNew, after }: Cause): string {
  const time = clock(first);
  if (isNew) return `new since ${time}${after ? `, after ${after.version}` : ''}`;
  return counted === 'looked' ? `at the latest since ${time}` : `since ${time}`;
}

/** For whom: routes, users and versions, as far as the cause has them. */
export function whomText({ routes, routes_total, user, users_total = 0, versions }: Cause): string {
  const route = routes_total === 1 ? (routes[0]?.name ?? '') : `${formatCount(routes_total)} routes`;
  const users =
    users_total === 1 ? `user ${user}` : users_total > 1 ? `${formatCount(users_total)} users` : '';
  const version = versions.length === 1 ? `version ${versions[0]}` : '';
  return [routes_total > 0 ? route : '', users, version].filter((part) => part !== '').join(' · ');
}

/** Whether more requests failed by it than a few. */
export function isBad({ failed, of }: Cause): boolean {
  return of > 0 && failed / of > BAD_SHARE;
}

/** The share of the traces: `187 of 5,000 traces were looked at`. */
export function lookedText({ looked, of }: Pick<Causes, 'looked' | 'of'>): string {
  if (looked >= of) return `${formatCount(of)} ${of === 1 ? 'trace was' : 'traces were'} looked at`;
  return `${formatCount(looked)} of ${formatCount(of)} traces were looked at`;
}

/** The meaning of *new*: `New: not there from 12:02 to 13:02, where 200 traces were looked at.` */
export function comparedText(
  found: Pick<Causes, 'compared' | 'start_time' | 'end_time' | 'looked_before'>,
): string {
  const { compared, start_time, end_time, looked_before: looked } = found;
  if (!compared) return 'The store lacks the time before, so nothing is new.';
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
