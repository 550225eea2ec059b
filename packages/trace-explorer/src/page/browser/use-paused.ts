import { useEffect, useState } from 'preact/hooks';

/**
 * Calls a function once after some milliseconds, unless the inputs change before.
 * @param milliseconds undefined for never
 */
export function useLater(
  call: () => void,
  milliseconds: number | undefined,
  inputs: readonly unknown[],
): void {
  useEffect(() => {
    if (milliseconds === undefined) return;
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  }, inputs);
}

/** A value that has not changed for some milliseconds. */
export function usePaused<T>(value: T, milliseconds: number): T {
  const [paused, setPaused] = useState(value);
  useLater(() => setPaused(value), milliseconds, [value]);
  return paused;
}
