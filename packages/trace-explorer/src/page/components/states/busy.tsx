import { useState } from 'preact/hooks';
import { useLater } from '../../browser/use-paused.ts';

interface BusyProps {
  readonly what: string;
  readonly onCancel?: () => void;
  /** Whether to reserve room below for the rows to come: as many as fit into the window. */
  readonly rows?: boolean;
  /** The most pixels to reserve: where it is known how many rows will come. */
  readonly room?: number | undefined;
  /** Whether the room is reserved from the beginning, and not only once the work takes longer. */
  readonly isKept?: boolean;
}

/** Says that work is in progress once it takes longer than 200 ms, which a person would notice. A button cancels the work. */
export function Busy(props: BusyProps) {
  const { what, onCancel, rows = false, room = Number.POSITIVE_INFINITY, isKept = false } = props;
  const [shown, setShown] = useState(false);
  useLater(() => setShown(true), 200, []);
  if (!shown && !isKept) return null;
  return (
    <>
      {shown && (
        <div class="busy line muted" role="status">
          {what} …{' '}
          {onCancel !== undefined && (
            <button type="button" onClick={onCancel}>
              Cancel
            </button>
          )}
        </div>
      )}
      {rows && (
        <div
          class={shown ? 'busy-rows' : 'busy-rows unseen'}
          aria-hidden="true"
          ref={(box) => {
            const below = innerHeight - (box?.getBoundingClientRect().top ?? 0);
            box?.style.setProperty('--room', `${Math.min(room, below)}px`);
          }}
        />
      )}
    </>
  );
}
