import { useState } from 'preact/hooks';
import { keepText, keptText } from '../../../../page/browser/kept.ts';

type Stored<Value> = readonly [value: Value | undefined, set: (value: Value) => void];

/** A text that this browser keeps, for choices of a person that do not belong in a link. Undefined before it is set. */
export function useStoredText(name: string): Stored<string> {
  const key = `trace.${name}`;
  const [value, setValue] = useState(() => keptText(key));
  return [
    value,
    (next) => {
      setValue(next);
      keepText(key, next);
    },
  ];
}

/** A number that this browser keeps, such as a width. */
export function useStored(name: string): Stored<number> {
  const [text = '', setText] = useStoredText(name);
  const value = Number.parseFloat(text);
  return [Number.isFinite(value) ? value : undefined, (next) => setText(String(next))];
}
