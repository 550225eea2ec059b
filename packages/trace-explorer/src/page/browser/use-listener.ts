import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Calls the newest handler for each event of a target. It listens before the browser paints: what is in sight must react. */
export function useListener<E extends Event>(
  at: EventTarget,
  type: string,
  handler: (event: E) => void,
): void {
  const latest = useRef(handler);
  latest.current = handler;
  useLayoutEffect(() => {
    const listen = (event: Event) => latest.current(event as E);
    at.addEventListener(type, listen);
    return () => at.removeEventListener(type, listen);
  }, []);
}

/** A value that lives outside of the components. It is read again after each event of its source. */
export function useOutside<T>(read: () => T, at: EventTarget, type = 'change'): T {
  const [value, setValue] = useState(read);
  const look = () => setValue(read);
  useLayoutEffect(look, []);
  useListener(at, type, look);
  return value;
}
