import { useState } from 'preact/hooks';

/**
 * Calls `changed` during rendering when `value` differs from the previous one. An effect would run after the first frame, and
 * would overwrite what a person has typed by then.
 */
export function useChange(value: string, changed: () => void): void {
  const [seen, setSeen] = useState(value);
  if (seen === value) return;
  setSeen(value);
  changed();
}
