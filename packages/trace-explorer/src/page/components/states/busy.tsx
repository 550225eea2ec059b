import { useEffect, useState } from 'preact/hooks';
import type { Status } from '../../../core/status.ts';
import { getJson } from '../../api/api.ts';
import { useLater } from '../../browser/use-paused.ts';
import { counted } from '../../values/format.ts';

/** Milliseconds between two looks at the reads that wait. */
const LOOK_MS = 2_000;

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

/**
 * Says that work is in progress once it takes longer than 200 ms, which a person would notice, and later whether reads wait for
 * their turn. A button cancels the work.
 */
export function Busy(props: BusyProps) {
  const { what, onCancel, rows = false, room = Number.POSITIVE_INFINITY, isKept = false } = props;
  const [shown, setShown] = useState(false);
  const [waiting, setWaiting] = useState(0);
  useLater(() => setShown(true), 200, []);
  useEffect(() => {
    const look = () => getJson<Status>('/api/status').then((status) => setWaiting(status.reads_waiting));
    const looking = setInterval(() => void look().catch(() => {}), LOOK_MS);
    return () => clearInterval(looking);
  }, []);
  if (!shown && !isKept) return null;
  return (
    <>
      {shown && (
        <div class="busy line muted" role="status">
          {what} …{' '}
          {waiting > 0 && `The explorer has much to read: ${counted(waiting, 'read')} wait for a turn.`}
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
