import type { PlotLayout } from '../plot-layout.ts';
import type { HeatmapGrid } from './heatmap-grid.ts';
import { countAt } from './heatmap-grid.ts';

/** Draws cells and the histogram. About 3 ms for 180 columns of 50 rows. */
export function drawHeatmap(
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
