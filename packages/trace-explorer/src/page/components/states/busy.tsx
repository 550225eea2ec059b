import { useEffect, useState } from 'preact/hooks';

interface BusyProps {
  readonly what: string;
  readonly onCancel?: () => void;
  /** Whether rows that are not read yet have their place below. */
  readonly rows?: boolean;
}

/** Says that something runs, once it takes longer than a person would notice (200 ms), and lets them stop it. */
export function Busy({ what, onCancel, rows = false }: BusyProps) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!shown) return null;
  return (
    <>
      <div class="busy" role="status">
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
