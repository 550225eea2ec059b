import { useEffect, useState } from 'preact/hooks';

interface BusyProps {
  readonly what: string;
  readonly onCancel?: () => void;
  /** Whether to reserve room below for the rows to come. */
  readonly rows?: boolean;
}

/** Says that work is in progress once it takes longer than 200 ms, which a person would notice. A button cancels the work. */
export function Busy({ what, onCancel, rows = false }: BusyProps) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <>
      <div class="busy line muted" role="status">
        <span class="busy-mark" aria-hidden="true" />
        {what} …
        {onCancel !== undefined && (
          <button type="button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
      {rows && <div class="busy-rows" aria-hidden="true" />}
    </>
  );
}
