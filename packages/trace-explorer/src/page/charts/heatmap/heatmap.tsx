import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Box } from '../../../core/query/build/box.ts';
import { useWidth } from '../../browser/use-width.ts';
import { formatCount } from '../../values/format.ts';
import { CrosshairLine } from '../crosshair-line.tsx';
import type { ShownDeploys } from '../deploys.tsx';
import { Deploys } from '../deploys.tsx';
import { plotLayout } from '../plot-layout.ts';
import { cellText, hoverPlace, placeOf, sum } from './heatmap-geometry.ts';
import type { HeatmapGrid } from './heatmap-grid.ts';
import { HeatmapPicture } from './heatmap-picture.tsx';
import type { PlotPoint } from './use-box.ts';
import { useBox } from './use-box.ts';

export interface HeatmapProps {
  readonly column: string;
  readonly grid: HeatmapGrid;
  readonly format: (value: number) => string;
  readonly box: Box | undefined;
  readonly onBox: (box: Box | undefined) => void;
  /** The moment under the pointer or the arrow keys in any of the charts, seconds since the epoch. */
  readonly at: number | undefined;
  readonly onAt: (at: number | undefined) => void;
  readonly onPoint: (point: PlotPoint) => void;
  readonly actions: ComponentChildren;
  readonly marked?: ShownDeploys | undefined;
}

/** In pixels. */
const HEIGHT = 240;

/** A heatmap with its histogram. The pointer draws a box or picks a point. Arrow keys do the same with Shift and Enter. */
export function Heatmap(props: HeatmapProps) {
  const { column, grid, format, box, at, onAt, onBox, onPoint, actions, marked } = props;
  const root = useRef<HTMLDivElement>(null);
  const isPointed = useRef(false);
  const width = useWidth(root);
  const layout = plotLayout(width, HEIGHT);
  const { hover, drawn, settled, handlers } = useBox({ column, grid, layout, box, onBox, onPoint });
  useLayoutEffect(() => {
    if (hover === undefined && !isPointed.current) return;
    isPointed.current = hover !== undefined;
    onAt(hover === undefined ? undefined : grid.start + (hover.column + 0.5) * grid.step);
  }, [hover?.column, grid]);
  const end = grid.start + grid.columns * grid.step;
  const area = {
    left: `${layout.left}px`,
    top: `${layout.top}px`,
    width: `${layout.gridWidth}px`,
    height: `${layout.gridHeight}px`,
  };
  return (
    <div class="heatmap within" ref={root}>
      <div
        class="heatmap-grid drags"
        data-start={grid.start}
        data-end={end}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a control: arrow keys, Shift and Enter work on it
        tabIndex={0}
        role="application"
        aria-roledescription="heatmap"
        aria-label={`Heatmap of ${column}: ${formatCount(sum(grid.totals))} events. Arrow keys move, with Shift they draw a box, Enter opens the slowest trace at or below the point.`}
        {...handlers}
      >
        <HeatmapPicture grid={grid} layout={layout} format={format} />
      </div>
      <CrosshairLine at={at} start={grid.start} end={end} layout={layout} />
      {marked && width > 0 && <Deploys {...marked} start={grid.start} end={end} layout={layout} />}
      <div class="placed passive" style={area}>
        {drawn !== undefined && (
          <div class="heatmap-veil cover">
            <div class="marked alone heatmap-box" style={placeOf(drawn, grid)} />
          </div>
        )}
        {hover !== undefined && (
          <div class="heatmap-hover placed over" style={hoverPlace(hover, grid)}>
            {cellText(hover, grid, format)}
          </div>
        )}
      </div>
      {drawn !== undefined && box !== undefined && settled && (
        <div class="heatmap-actions placed strip tight over">{actions}</div>
      )}
      <p class="visually-hidden" aria-live="polite">
        {hover !== undefined && document.activeElement === root.current?.firstElementChild
          ? cellText(hover, grid, format)
          : ''}
      </p>
    </div>
  );
}
