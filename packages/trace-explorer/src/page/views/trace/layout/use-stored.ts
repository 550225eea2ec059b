import { useState } from 'preact/hooks';

/**
 * A number that stays as set, also after the page is closed: widths and the like, which are a person's and not a link's.
 * Undefined until it was set. Where the browser forbids its storage, it lasts as long as the page.
 */
export function useStored(name: string): readonly [value: number | undefined, set: (value: number) => void] {
  const key = `explorer.trace.${name}`;
  const [value, setValue] = useState(() => {
    try {
      const stored = Number.parseFloat(localStorage.getItem(key) ?? '');
      return Number.isFinite(stored) ? stored : undefined;
    } catch {
      return undefined;
    }
  });
  return [
    value,
    (next) => {
      setValue(next);
      try {
        localStorage.setItem(key, String(next));
      } catch {
        // See above.
      }
    },
  ];
}
