// biome-ignore-all lint/a11y/useSemanticElements: a separator that can be moved is not an <hr>

import { useRef } from 'preact/hooks';
import { useStored } from './use-stored.ts';

interface SplitterOptions {
  /** The name under which this browser keeps the width. */
  readonly name: string;
  /** Name of the part that changes its width. */
  readonly label: string;
  /** In pixels, until a person changes it. */
  readonly usual: number;
  readonly limits: readonly [least: number, most: number];
  /** The side of the splitter that has the width. With the left side, dragging to the right increases it. */
  readonly side: 'left' | 'right';
}

/** Pixels per press of an arrow key. */
const STEP = 16;

/** The width of a part of the screen in pixels, and the line at its edge. It is moved by dragging, or with the arrow keys. */
export function useSplitter({ name, label, usual, limits, side }: SplitterOptions) {
  const [kept = '', keep] = useStored(name);
  const width = Number.parseFloat(kept) || usual;
  const drag = useRef<{ readonly x: number; readonly width: number }>(undefined);
  const sign = side === 'left' ? 1 : -1;
  const set = (next: number) => keep(String(Math.round(Math.min(limits[1], Math.max(limits[0], next)))));
  const splitter = (
    <div
      class={`splitter splitter-${side}`}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={limits[0]}
      aria-valuemax={limits[1]}
      tabIndex={0}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        set(width + by * sign);
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, width };
      }}
      onPointerMove={({ clientX }) => {
        if (drag.current !== undefined) set(drag.current.width + (clientX - drag.current.x) * sign);
      }}
      onLostPointerCapture={() => {
        drag.current = undefined;
      }}
    />
  );
  return { width, splitter };
}
