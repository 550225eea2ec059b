import type { PlotLayout } from './plot-layout.ts';
import { formatTick, timeTicks } from './ticks.ts';

export interface AxesProps {
  readonly layout: PlotLayout;
  /** Seconds since the epoch at both ends. */
  readonly start: number;
  readonly end: number;
  readonly values: readonly number[];
  /** The height of a value: 0 at the foot of the plot, 1 at its top. */
  readonly heightOf: (value: number) => number;
  readonly format: (value: number) => string;
}

/** Room of a time beside the one at an end, pixels. */
const END_ROOM = 64;

/** The values of a plot from edge to edge, over what is drawn there; nothing where they stand beside it. */
export function InnerValues({
  layout,
  values,
  heightOf,
  format,
}: Pick<AxesProps, 'layout' | 'values' | 'heightOf' | 'format'>) {
  const { top, gridHeight, inset } = layout;
  if (inset === 0) return null;
  return (
    <g class="label inner-values" fill="currentColor" dominant-baseline="middle">
      {values.map((value) => {
        const height = gridHeight * (1 - heightOf(value));
        return (
          <text key={value} x={inset} y={top + Math.min(gridHeight - 7, Math.max(1, height))}>
            {format(value)}
          </text>
        );
      })}
    </g>
  );
}

/** Lines at round values, and marks at both ends and at round times between them, as a part of an SVG. */
export function Axes({ layout, start, end, values, heightOf, format }: AxesProps) {
  const { left, top, gridWidth, gridHeight, inset } = layout;
  const bottom = top + gridHeight;
  const times = timeTicks(start, end, Math.max(2, Math.floor(gridWidth / 90)));
  // A label has no seconds where there is a single tick.
  const [first = 0, second = first + 60] = times;
  const step = second - first;
  return (
    <g class="label" fill="currentColor">
      {values.map((value) => {
        const y = Math.round(bottom - gridHeight * heightOf(value)) + 0.5;
        return (
          <g key={value}>
            <line x1={left} y1={y} x2={left + gridWidth} y2={y} stroke="var(--line)" />
            {inset === 0 && (
              <text text-anchor="end" dominant-baseline="middle" x={left - 6} y={Math.max(y, 6)}>
                {format(value)}
              </text>
            )}
          </g>
        );
      })}
      {times.map((seconds) => {
        const x = Math.round(left + (gridWidth * (seconds - start)) / (end - start)) + 0.5;
        if (x < left + END_ROOM || x > left + gridWidth - END_ROOM) return null;
        return (
          <g key={seconds}>
            <line x1={x} y1={bottom} x2={x} y2={bottom + 4} stroke="var(--line)" />
            <text text-anchor="middle" dominant-baseline="hanging" x={x} y={bottom + 7}>
              {formatTick(seconds, step)}
            </text>
          </g>
        );
      })}
      <text dominant-baseline="hanging" x={left + inset} y={bottom + 7}>
        {formatTick(start, Math.min(step, 60))}
      </text>
      <text text-anchor="end" dominant-baseline="hanging" x={left + gridWidth - inset} y={bottom + 7}>
        {formatTick(end, Math.min(step, 60))}
      </text>
    </g>
  );
}
