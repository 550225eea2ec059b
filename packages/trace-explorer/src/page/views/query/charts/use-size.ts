import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** Width of an element in pixels, as it changes; 0 before it is known. */
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

const darkQuery = matchMedia('(prefers-color-scheme: dark)');

/** Light or dark, as the system prefers; what a canvas draws must be drawn anew when it changes. */
export function useColorScheme(): 'light' | 'dark' {
  const [dark, setDark] = useState(darkQuery.matches);
  useLayoutEffect(() => {
    const change = () => setDark(darkQuery.matches);
    darkQuery.addEventListener('change', change);
    return () => darkQuery.removeEventListener('change', change);
  }, []);
  return dark ? 'dark' : 'light';
}
