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
  const at = list?.at ?? -1;
  const [isFirst, isLast] = [at <= 0, at < 0 || at + 1 >= (list?.traces.length ?? 0)];
  // Not `disabled`: at an end of the list the button would lose the focus.
  return (
    <div class="list-position">
      <a href={from === UNFILTERED ? '/traces' : `/traces?${from}`}>
        <span aria-hidden="true">‹</span> Traces
      </a>
      <span class="list-place">{positionText(list)}</span>
      <button
        type="button"
        aria-disabled={isFirst}
        onClick={() => onStep(-1)}
        title="K"
        aria-label="Previous trace of the list"
      >
        ↑
      </button>
      <button
        type="button"
        aria-disabled={isLast}
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

function positionText(list: OriginList | undefined): string {
  const { at, traces, more, state } = list ?? NOTHING_YET;
  const all = `${formatCount(traces.length)}${more ? '+' : ''}`;
  if (at >= 0) return `${formatCount(at + 1)} of ${all}`;
  if (state === 'reading') return 'reading the list …';
  return state === 'failed' ? 'the list could not be read' : `not among the first ${all}`;
}

const NOTHING_YET: OriginList = { at: -1, traces: [], more: true, state: 'reading' };
