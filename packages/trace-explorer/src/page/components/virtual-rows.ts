import type { VirtualItem } from '@tanstack/virtual-core';
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** Height of a row in tables and waterfalls, pixels: 24, and more where the browser's text is larger. */
export const ROW_HEIGHT = 1.5 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

export interface VirtualRows {
  /** Height of all rows together, pixels. */
  readonly total: number;
  /** The rows to draw. */
  readonly items: readonly VirtualItem[];
  scrollTo(index: number): void;
}

/** Which rows of a long list to draw while its element is scrolled; of the others only the height counts. */
export function useVirtualRows(
  element: RefObject<HTMLElement | null>,
  count: number,
  height = ROW_HEIGHT,
): VirtualRows {
  const [, draw] = useReducer((turn: number) => turn + 1, 0);
  const [rows] = useState(
    () => new Virtualizer<HTMLElement, HTMLElement>(optionsOf(element, count, height, () => draw(0))),
  );
  rows.setOptions(optionsOf(element, count, height, () => draw(0)));
  useEffect(() => rows._didMount(), [rows]);
  useLayoutEffect(() => rows._willUpdate());
  return {
    total: rows.getTotalSize(),
    items: rows.getVirtualItems(),
    scrollTo: (index) => rows.scrollToIndex(index, { align: 'auto' }),
  };
}

function optionsOf(
  element: RefObject<HTMLElement | null>,
  count: number,
  height: number,
  onChange: () => void,
) {
  return {
    count,
    estimateSize: () => height,
    overscan: 12,
    getScrollElement: () => element.current,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange,
  };
}
