import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** The current width of an element in pixels; 0 before it is known. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const found = element.current;
    if (found === null) return;
    setWidth(Math.floor(found.clientWidth));
    const observer = new ResizeObserver(() => setWidth(Math.floor(found.clientWidth)));
    observer.observe(found);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
