import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** The current width of an element in pixels; 0 before it is known. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  return useLength(element, 'clientWidth');
}

/** The current height of an element in pixels; 0 before it is known. */
export function useHeight(element: RefObject<HTMLElement | null>): number {
  return useLength(element, 'clientHeight');
}

function useLength(element: RefObject<HTMLElement | null>, side: 'clientWidth' | 'clientHeight'): number {
  const [length, setLength] = useState(0);
  useLayoutEffect(() => {
    const found = element.current;
    if (found === null) return;
    setLength(Math.floor(found[side]));
    const observer = new ResizeObserver(() => setLength(Math.floor(found[side])));
    observer.observe(found);
    return () => observer.disconnect();
  }, [element]);
  return length;
}
