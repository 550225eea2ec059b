import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** How large the browser's text is, where 1 is the usual 16 pixels: lengths that hold text grow with it, as rem does. */
export const TEXT_SCALE = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

/** Height of a row in tables and waterfalls, pixels. */
export const ROW_HEIGHT = 24 * TEXT_SCALE;

/** Rows that are drawn above and below those in sight, so that a flick of the wheel shows no gap. */
const BEYOND = 12;
/** Rows that are scrolled by before others are drawn. */
const STEP = 4;

export interface VirtualRow {
  readonly index: number;
  /** Pixels from the top of the first row. */
  readonly start: number;
  readonly end: number;
}

export interface VirtualRows {
  /** Height of all rows together, pixels. */
  readonly total: number;
  /** The rows to draw. */
  readonly items: readonly VirtualRow[];
  /** Scrolls as little as shows the row. */
  scrollTo(index: number): void;
}

/** Which rows of a long list to draw while its element is scrolled; of the others only the height counts. */
export function useVirtualRows(
  element: RefObject<HTMLElement | null>,
  count: number,
  height = ROW_HEIGHT,
): VirtualRows {
  const [{ first, shown }, setSight] = useState({ first: 0, shown: 0, width: 0 });
  useLayoutEffect(() => {
    const scroller = element.current;
    if (scroller === null) return;
    const look = () => {
      const sight = {
        first: Math.floor(scroller.scrollTop / height / STEP) * STEP,
        shown: Math.ceil(scroller.clientHeight / height) + STEP,
        // Rows may be higher in a narrow window: who draws them looks again.
        width: scroller.clientWidth,
      };
      setSight((before) => {
        const isSame =
          before.first === sight.first && before.shown === sight.shown && before.width === sight.width;
        return isSame ? before : sight;
      });
    };
    look();
    scroller.addEventListener('scroll', look, { passive: true });
    const resized = new ResizeObserver(look);
    resized.observe(scroller);
    return () => {
      scroller.removeEventListener('scroll', look);
      resized.disconnect();
    };
  }, [element, count, height]);
  const from = Math.max(0, Math.min(first, count) - BEYOND);
  const until = Math.min(count, first + shown + BEYOND);
  return {
    total: count * height,
    items: Array.from({ length: Math.max(0, until - from) }, (_, i) => {
      const index = from + i;
      return { index, start: index * height, end: (index + 1) * height };
    }),
    scrollTo(index) {
      const scroller = element.current;
      if (scroller === null) return;
      const least = (index + 1) * height - scroller.clientHeight;
      scroller.scrollTop = Math.min(index * height, Math.max(least, scroller.scrollTop));
    },
  };
}
