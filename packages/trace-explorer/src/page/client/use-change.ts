import { useState } from 'preact/hooks';

/**
 * Calls `changed` when `value` is another than before, while rendering: an effect would also run once after the first
 * frame, over what a person has typed by then.
 */
export function useChange(value: string, changed: () => void): void {
  const [seen, setSeen] = useState(value);
  if (seen === value) return;
  setSeen(value);
  changed();
}
