import { useEffect, useState } from 'preact/hooks';

const NARROW = matchMedia('(max-width: 760px)');

/** Whether the window is so narrow that a span's bar stands below its name, as in waterfall.css. */
export function useIsNarrow(): boolean {
  const [isNarrow, set] = useState(NARROW.matches);
  useEffect(() => {
    const look = () => set(NARROW.matches);
    NARROW.addEventListener('change', look);
    return () => NARROW.removeEventListener('change', look);
  }, []);
  return isNarrow;
}
