import type { ComponentChildren } from 'preact';
import { Axes, InnerValues } from '../axes.tsx';
import type { PlotLayout } from '../plot-layout.ts';
import type { SeriesLine, SeriesLines } from './series-lines.ts';
import type { SeriesScale } from './series-scale.ts';

export interface SeriesPictureProps {
  readonly series: SeriesLines;
  readonly layout: PlotLayout;
  readonly scale: SeriesScale;
  readonly format: (value: number) => string;
  readonly colorOf: (line: SeriesLine) => string;
  /** Whether the ground between a line and the foot of the plot has its colour. */
  readonly hasAreas?: boolean;
  /** Drawn above the lines. */
  readonly children?: ComponentChildren;
}

/** Lines over time with their axes, without interaction. */
export function SeriesPicture(props: SeriesPictureProps) {
  const { series, layout, scale, format, colorOf, hasAreas = false, children } = props;
  return (
    <svg class="block" width={layout.width} height={layout.height} aria-hidden="true">
      <Axes
        layout={layout}
        start={series.start}
        end={series.end}
        values={scale.ticks}
        heightOf={scale.heightOf}
        format={format}
      />
      <SeriesPaths heightOf={scale.heightOf} {...{ series, layout, colorOf, hasAreas }} />
      <InnerValues layout={layout} values={scale.ticks} heightOf={scale.heightOf} format={format} />
      {children}
    </svg>
  );
}

/** The lines alone, on the axes of another drawing. */
export function SeriesPaths({
  series,
  layout,
  heightOf,
  colorOf,
  hasAreas,
}: Omit<SeriesPictureProps, 'scale' | 'format' | 'children'> & Pick<SeriesScale, 'heightOf'>) {
  const { times, lines } = series;
  const xOf = (index: number) => pointX(layout, times.length, index);
  const yOf = (value: number) => pointY(layout, heightOf(value));
  return (
    <>
      {lines.map((line) => (
        <g key={line.label} style={{ color: colorOf(line) }}>
          <path
            fill="none"
            stroke="currentColor"
            {...(line.earlier === undefined
              ? { 'stroke-width': 1.5 }
              : { 'stroke-width': 1, 'stroke-dasharray': '4 4' })}
            d={pathOf(line, xOf, yOf)}
          />
          {hasAreas && (
            <path d={`${pathOf(line, xOf, yOf)}V${yOf(0)}H${xOf(0)}Z`} fill="currentColor" opacity={0.1} />
          )}
          {line.values.map(
            (each, i) =>
              each !== null &&
              isLonely(line, i) && (
                <circle key={times[i]} cx={xOf(i)} cy={yOf(each)} r={2.5} fill="currentColor" />
              ),
          )}
        </g>
      ))}
    </>
  );
}

/** X of a point, in the middle of its bucket. */
export function pointX({ left, gridWidth }: PlotLayout, buckets: number, index: number): number {
  return left + (gridWidth * (index + 0.5)) / buckets;
}

/** @param height 0 at the foot of the plot, 1 at its top */
export function pointY({ top, gridHeight }: PlotLayout, height: number): number {
  return top + gridHeight * (1 - height);
}

/** The path of a line through all values, with gaps for missing values. */
function pathOf({ values }: SeriesLine, xOf: (index: number) => number, yOf: (value: number) => number) {
  const steps = values.map((value, i) => {
    if (value === null) return '';
    return `${(values[i - 1] ?? null) === null ? 'M' : 'L'}${xOf(i).toFixed(1)} ${yOf(value).toFixed(1)}`;
  });
  return steps.join('');
}

/** Whether a value stands between two gaps. It is drawn as a point, because a line needs two values. */
function isLonely({ values }: SeriesLine, at: number): boolean {
  return (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
}
