import { useLayoutEffect, useRef } from 'preact/hooks';
import { canvasColors } from '../../browser/canvas-colors.ts';
import { useColorScheme } from '../../browser/use-color-scheme.ts';
import { Axes, InnerValues } from '../axes.tsx';
import type { PlotLayout } from '../plot-layout.ts';
import { logTicks, valueTicks } from '../ticks.ts';
import { heightOf, rowFoot } from './heatmap-geometry.ts';
import type { HeatmapGrid } from './heatmap-grid.ts';
import { countAt } from './heatmap-grid.ts';

export interface HeatmapPictureProps {
  readonly grid: HeatmapGrid;
  readonly layout: PlotLayout;
  readonly format: (value: number) => string;
}

/** A heatmap with its axes and its histogram, without interaction. */
export function HeatmapPicture({ grid, layout, format }: HeatmapPictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useColorScheme();
  const { width, height } = layout;
  useLayoutEffect(() => {
    if (canvas.current === null || width === 0) return;
    const onCanvas = canvasColors(canvas.current);
    const colors = { cell: onCanvas('var(--accent)'), bar: onCanvas('var(--line2)') };
    drawHeatmap(canvas.current, grid, layout, colors);
    // benchmarks/page measures up to this mark.
    performance.mark('heatmap drawn');
  }, [grid, width, height, scheme]);
  const [min, max] = [rowFoot(grid, 0), rowFoot(grid, grid.rows)];
  const round = grid.log ? logTicks(min, max) : valueTicks(min, max, 5);
  // Of a narrow axis its ends and its middle are said.
  const values = round.length > 1 ? round : [min, rowFoot(grid, Math.floor(grid.rows / 2)), max];
  // As many labels as have room: a line of text takes 14 pixels. Over what is drawn, three are enough.
  const most = layout.inset > 0 ? 3 : layout.gridHeight / 14;
  const every = Math.ceil(values.length / most);
  const axis = {
    layout,
    values: values.filter((_, i) => i % every === 0),
    heightOf: (value: number) => heightOf(value, grid),
    format,
  };
  return (
    <div class="heatmap-picture within">
      <svg class="block" width={width} height={height} aria-hidden="true">
        <Axes {...axis} start={grid.start} end={grid.start + grid.columns * grid.step} />
      </svg>
      <canvas class="cover" ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
      {layout.inset > 0 && (
        <svg class="cover passive" width={width} height={height} aria-hidden="true">
          <InnerValues {...axis} />
        </svg>
      )}
    </div>
  );
}

/** Draws cells and the histogram. About 3 ms for 180 columns of 50 rows. */
function drawHeatmap(
  canvas: HTMLCanvasElement,
  grid: HeatmapGrid,
  { width, height, left, top, gridWidth, gridHeight, histogramLeft, histogramWidth }: PlotLayout,
  colors: { readonly cell: string; readonly bar: string },
): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  const draw = (row: number, x: number, length: number) => {
    const y = Math.round(top + gridHeight * (1 - (row + 1) / grid.rows));
    const foot = Math.round(top + gridHeight * (1 - row / grid.rows));
    context.fillRect(x, y, length, Math.max(1.5, foot - y - 1));
  };
  context.fillStyle = colors.cell;
  for (let column = 0; column < grid.columns; column++) {
    const x = Math.round(left + (gridWidth * column) / grid.columns);
    const right = Math.round(left + (gridWidth * (column + 1)) / grid.columns);
    for (let row = 0; row < grid.rows; row++) {
      const count = countAt(grid, column, row);
      if (count === 0) continue;
      context.globalAlpha = rampShare(count, grid.most);
      // A pixel of background between cells when there is room for it.
      draw(row, x, Math.max(1.5, right - x - (right - x > 5 ? 1 : 0)));
    }
  }
  if (histogramWidth === 0) return;
  context.globalAlpha = 1;
  context.fillStyle = colors.bar;
  const most = Math.max(1, ...grid.totals);
  for (const [row, total] of grid.totals.entries())
    if (total > 0) draw(row, histogramLeft, Math.max(1, (histogramWidth * total) / most));
}

/** How much of the accent a cell has for its count, by the count's logarithm, because a few cells have most of the spans. */
function rampShare(count: number, most: number): number {
  return 0.14 + (0.86 * Math.log(1 + count)) / Math.log(1 + most);
}

/** The ramp as a picture of CSS, for a legend. */
export const RAMP =
  'linear-gradient(to right, color-mix(in srgb, var(--accent) 14%, transparent), var(--accent))';
