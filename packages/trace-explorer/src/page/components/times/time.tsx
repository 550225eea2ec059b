import { formatTime, formatUtc } from '../../values/format.ts';

/** A moment in local time; UTC on hover. Milliseconds since the epoch. */
export function Time({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={formatUtc(at)}>
      {formatTime(at)}
    </time>
  );
}
