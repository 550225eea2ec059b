import { formatCount } from '../../../format.ts';
import { UNFILTERED } from '../../traces/trace-list.ts';
import type { OriginList } from './use-origin-list.ts';

export interface ListPositionProps {
  readonly list: OriginList | undefined;
  readonly failed: boolean;
  readonly from: string;
  readonly onStep: (by: 1 | -1) => void;
}

/** A link back to the list, the position of this trace in it, and links to its neighbours. */
export function ListPosition({ list, failed, from, onStep }: ListPositionProps) {
  const at = list?.at ?? -1;
  const [isFirst, isLast] = [at <= 0, at < 0 || at + 1 >= (list?.traces.length ?? 0)];
  // Not `disabled`: at an end of the list the button would lose the focus.
  return (
    <div class="list-position line">
      <a href={from === UNFILTERED ? '/traces' : `/traces?${from}`}>
        <span aria-hidden="true">‹</span> Traces
      </a>
      <span class="list-place muted">{failed ? 'the list could not be read' : positionText(list)}</span>
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
    </div>
  );
}

function positionText(list: OriginList | undefined): string {
  if (list === undefined) return 'reading the list …';
  const { at, traces, more } = list;
  const all = `${formatCount(traces.length)}${more ? '+' : ''}`;
  return at < 0 ? `not among the first ${all}` : `${formatCount(at + 1)} of ${all}`;
}
