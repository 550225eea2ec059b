import { useState } from 'preact/hooks';

type Stored<Value> = readonly [value: Value | undefined, set: (value: Value) => void];

/**
 * A text that stays as set, also after the page is closed: a choice that is a person's and not a link's. Undefined until it
 * was set. Where the browser forbids its storage, it lasts as long as the page.
 */
export function useStoredText(name: string): Stored<string> {
  const key = `explorer.trace.${name}`;
  const [value, setValue] = useState(() => {
    try {
      return localStorage.getItem(key) ?? undefined;
    } catch {
      return undefined;
    }
  });
  return [
    value,
    (next) => {
      setValue(next);
      try {
        localStorage.setItem(key, next);
      } catch {
        // See above.
      }
    },
  ];
}

/** A number that stays as set, such as a width. */
export function useStored(name: string): Stored<number> {
  const [text = '', setText] = useStoredText(name);
  const value = Number.parseFloat(text);
  return [Number.isFinite(value) ? value : undefined, (next) => setText(String(next))];
}
