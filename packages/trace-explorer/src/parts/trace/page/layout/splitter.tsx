// biome-ignore-all lint/a11y/useSemanticElements: a separator that can be moved is not an <hr>

import { useRef } from 'preact/hooks';

export interface SplitterProps {
  /** Name of the part that changes its width. */
  readonly label: string;
  /** In pixels. */
  readonly size: number;
  readonly limits: readonly [least: number, most: number];
  /** The side of the splitter that has the size. With the left side, dragging to the right increases the size. */
  readonly side: 'left' | 'right';
  readonly onSize: (size: number) => void;
}

/** Pixels per press of an arrow key. */
const STEP = 16;

/** The line between two parts of the screen. It is moved by dragging, or with the arrow keys. */
export function Splitter({ label, size, limits, side, onSize }: SplitterProps) {
  const drag = useRef<{ readonly x: number; readonly size: number }>(undefined);
  const sign = side === 'left' ? 1 : -1;
  const set = (next: number) => onSize(Math.round(Math.min(limits[1], Math.max(limits[0], next))));
  return (
    <div
      class={`splitter splitter-${side}`}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={size}
      aria-valuemin={limits[0]}
      aria-valuemax={limits[1]}
      tabIndex={0}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        set(size + by * sign);
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, size };
      }}
      onPointerMove={({ clientX }) => {
        if (drag.current !== undefined) set(drag.current.size + (clientX - drag.current.x) * sign);
      }}
      onLostPointerCapture={() => {
        drag.current = undefined;
      }}
    />
  );
}
