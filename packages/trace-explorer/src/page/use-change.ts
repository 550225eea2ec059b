import { useState } from 'preact/hooks';

/**
 * Calls `changed` while rendering when `value` differs from the last time. An effect would also run after the first
 * frame, and overwrite what a person has typed by then.
 */
export function useChange(value: string, changed: () => void): void {
  const [seen, setSeen] = useState(value);
  if (seen === value) return;
  setSeen(value);
  changed();
}
