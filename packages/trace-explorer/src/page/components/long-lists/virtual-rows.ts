import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** The size of the browser's text; 1 for the usual 16 pixels. Lengths that contain text grow with it, as rem does. */
export const TEXT_SCALE = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/** Height of a span or of a log line, pixels: `--span` of the styles. */
export const ROW_HEIGHT = 26 * TEXT_SCALE;

/** Rows above and below the window, drawn too, so that a turn of the wheel shows no gap. */
const BEYOND = 12;
/** Rows of scrolling after which other rows are drawn. */
const STEP = 4;

/**
 * Chooses the rows of a long list to draw: the rows in the window, for any scrolling element. The other rows only take their
 * height.
 * @param element contains the rows, and is as high as all of them
 */
export function useVirtualRows(element: RefObject<HTMLElement | null>, count: number, height = ROW_HEIGHT) {
  const [{ first, last }, setSight] = useState({ first: 0, last: 0, width: 0 });
  useLayoutEffect(() => {
    const look = () => {
      const top = -(element.current?.getBoundingClientRect().top ?? 0);
      const sight = {
        first: Math.floor(top / height / STEP) * STEP,
        last: Math.ceil((top + innerHeight) / height / STEP) * STEP,
        // Rows may be higher in a narrow window, so the component must render again.
        width: innerWidth,
      };
      setSight((before) =>
        before.first === sight.first && before.last === sight.last && before.width === sight.width
          ? before
          : sight,
      );
    };
    look();
    const gone = new AbortController();
    // Listens to scrolling of any part of the page.
    document.addEventListener('scroll', look, { capture: true, passive: true, signal: gone.signal });
    const resized = new ResizeObserver(look);
    resized.observe(document.body);
    if (element.current !== null) resized.observe(element.current);
    return () => {
      gone.abort();
      resized.disconnect();
    };
  }, [element, count, height]);
  const from = Math.max(0, Math.min(first, count) - BEYOND);
  const until = Math.min(count, Math.max(0, last) + BEYOND);
  return {
    /** Height of all rows together, pixels. */
    total: count * height,
    /** The numbers of the rows to draw. */
    items: Array.from({ length: Math.max(0, until - from) }, (_, i) => from + i),
    /** Scrolls as little as possible to show the row and `rows` rows from it on. */
    scrollTo(index: number, rows = 1) {
      // The row itself may not be drawn, so the list scrolls to an element at the row's height.
      const mark = document.createElement('div');
      mark.className = 'placed';
      Object.assign(mark.style, { top: `${index * height}px`, height: `${rows * height}px` });
      element.current?.append(mark);
      mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      mark.remove();
    },
  };
}
