import type { Moments } from '../../../core/places/range.ts';
import type { ShownTime } from '../../../core/places/shown-range.ts';
import { LOCALE, wholePeriod } from '../../values/format.ts';

/** A time range in words: its start and end. */
export function describeTimes({ start_time, end_time }: Moments): string {
  return `${describeTime(start_time)} – ${describeTime(end_time)}`;
}

/** `Last hour`, `Last 10 minutes`. */
export function lastText(seconds: number): string {
  const [count, unit] = inUnits(seconds);
  return `Last ${count === 1 ? '' : `${count} `}${unit}`;
}

/** A time for a control with little room: a stretch by its two times of the day, with the date where it is another day. */
export function shortTimes({ range, since, until }: ShownTime): string {
  if (since !== undefined) return `Since ${timeOf(since)}`;
  if (until !== undefined) return `Until ${timeOf(until)}`;
  if (range === undefined) return 'Any time';
  if (typeof range === 'number') return lastText(range);
  const start = new Date(range.start_time * 1000);
  const isToday = start.toDateString() === new Date().toDateString();
  const day = isToday ? '' : `${start.toLocaleDateString(LOCALE, { month: 'short', day: 'numeric' })}, `;
  return `${day}${timeOf(range.start_time)} – ${timeOf(range.end_time)}`;
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(LOCALE, { hourCycle: 'h23' });
}

/** `10 minutes`, `1 hour`. */
export function describeSeconds(seconds: number): string {
  return inUnits(seconds).join(' ');
}

/** `1`, `hour`; `10`, `minutes`. */
function inUnits(seconds: number): readonly [count: number, unit: string] {
  const [size, , unit] = wholePeriod(seconds);
  const count = seconds / size;
  return [count, count === 1 ? unit : `${unit}s`];
}

/** A moment with its zone, because a link may be opened in another zone. With the year when it is not the present year. */
function describeTime(seconds: number): string {
  const at = new Date(seconds * 1000);
  return at.toLocaleString(LOCALE, {
    ...(at.getFullYear() !== new Date().getFullYear() && { year: 'numeric' }),
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
}
