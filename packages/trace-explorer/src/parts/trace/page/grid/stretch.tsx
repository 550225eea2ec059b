import type { ComponentProps } from 'preact';
import type { LineRange } from '../state/geometry.ts';
import { placeBar } from '../state/geometry.ts';

interface StretchProps extends ComponentProps<'span'> {
  /** Nanoseconds from the trace's start, and of the stretch. A moment has no length. */
  readonly offset: number;
  readonly length?: number;
  readonly range: LineRange;
}

/** A stretch of the time line, or a moment; nothing outside of the range. */
export function Stretch({ offset, length, range, ...rest }: StretchProps) {
  const { left, width, outside } = placeBar(offset, length ?? 0, range);
  if (outside !== 0) return null;
  return (
    <span {...rest} style={{ left: `${left}%`, width: length === undefined ? undefined : `${width}%` }} />
  );
}
