import type { Range } from '../../core/places/range.ts';
import { timeParams } from '../../core/places/shown-range.ts';
import type { Status } from '../../core/status.ts';
import { placeNow, setParams } from '../browser/router.ts';
import { EmptyState } from '../components/states/empty-state.tsx';
import { describeTimes, lastText } from '../components/times/describe-times.ts';
import { formatAgo } from '../values/format.ts';

/** The spans of which there are none. */
export interface WantedSpans {
  readonly range: Range;
  /** Of this service alone. */
  readonly service?: string | undefined;
}

/** Times that a person may look at instead, in seconds. */
const OTHERS = [3600, 86_400, 604_800];

/** Says that a store with spans has none of this time, when the last ones came, and which times to look at instead. */
export function NoSpansIn({ range, service, status }: WantedSpans & { readonly status: Status }) {
  const senders = status.services.filter(
    ({ name, rows, logs }) => rows > logs && (service === undefined || name === service),
  );
  const last = Math.max(...senders.map(({ last_seen }) => Date.parse(last_seen)));
  const isLast = typeof range === 'number';
  const when =
    typeof range === 'number' ? `in the ${lastText(range).toLowerCase()}` : `from ${describeTimes(range)}`;
  const others = OTHERS.filter((seconds) => !isLast || seconds > range);
  return (
    <EmptyState title={`No spans ${service === undefined ? '' : `of ${service} `}${when}`}>
      <p>
        {Number.isFinite(last) ? `The last ones arrived ${formatAgo(last)}.` : ''}{' '}
        {others.length === 0
          ? 'Choose another time above.'
          : isLast
            ? 'Look further back:'
            : 'Look at other times:'}
      </p>
      <p class="choices line">
        {others.map((seconds) => (
          <button key={seconds} type="button" onClick={() => setParams(timeParams(placeNow(), seconds))}>
            {lastText(seconds)}
          </button>
        ))}
      </p>
    </EmptyState>
  );
}
