import { useState } from 'preact/hooks';
import { keepText, keptText } from '../../../../page/browser/kept.ts';

/** A text that this browser keeps, for choices of a person that do not belong in a link. Undefined before it is set. */
export function useStored(name: string): readonly [value: string | undefined, set: (value: string) => void] {
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
