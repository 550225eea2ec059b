import { formatCount } from '../../../format.ts';
import type { OriginList } from './use-origin-list.ts';
import { UNFILTERED } from './use-origin-list.ts';

export interface ListPositionProps {
  readonly list: OriginList | undefined;
  readonly from: string;
  /** Undefined where the list has no room beside the trace. */
  readonly shown: boolean | undefined;
  readonly onShow: (shown: boolean) => void;
  readonly onStep: (by: 1 | -1) => void;
}

/** The way back to the list, where in it this trace is, and its neighbours. */
export function ListPosition({ list, from, shown, onShow, onStep }: ListPositionProps) {
  return (
    <div class="list-position">
      <a href={from === UNFILTERED ? '/traces' : `/traces?${from}`}>
        <span aria-hidden="true">‹</span> Traces
      </a>
      <span class="list-place">{list === undefined ? '' : positionText(list)}</span>
      <button
        type="button"
        disabled={list === undefined || list.at <= 0}
        onClick={() => onStep(-1)}
        title="K"
        aria-label="Previous trace of the list"
      >
        ↑
      </button>
      <button
        type="button"
        disabled={list === undefined || list.at < 0 || list.at + 1 >= list.traces.length}
        onClick={() => onStep(1)}
        title="J"
        aria-label="Next trace of the list"
      >
        ↓
      </button>
      {shown !== undefined && (
        <button type="button" aria-pressed={shown} onClick={() => onShow(!shown)}>
          List
        </button>
      )}
    </div>
  );
}

function positionText({ at, traces, more }: OriginList): string {
  const all = `${formatCount(traces.length)}${more ? '+' : ''}`;
  return at < 0 ? `not among the first ${all}` : `${formatCount(at + 1)} of ${all}`;
}
