import { useState } from 'preact/hooks';

type Stored<Value> = readonly [value: Value | undefined, set: (value: Value) => void];

/**
 * A text that this browser keeps after the page is closed, for choices of a person that do not belong in a link. Undefined
 * before it is set. When the browser forbids its storage, the text lasts until the page is closed.
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
        // The browser forbids its storage.
      }
    },
  ];
}

/** A number that this browser keeps, such as a width. */
export function useStored(name: string): Stored<number> {
  const [text = '', setText] = useStoredText(name);
  const value = Number.parseFloat(text);
  return [Number.isFinite(value) ? value : undefined, (next) => setText(String(next))];
}
