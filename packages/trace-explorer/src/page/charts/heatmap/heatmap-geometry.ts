import type { Box } from '../../../query/ask/box.ts';
import { formatCount } from '../../format.ts';
import type { PlotLayout } from '../plot-layout.ts';
import { formatTick } from '../ticks.ts';
import type { HeatmapGrid } from './heatmap-grid.ts';
import { countAt } from './heatmap-grid.ts';

/** A cell of the grid, counted from the lower left. */
export interface Cell {
  readonly column: number;
  readonly row: number;
}
/** Two opposite corners of a box; both cells belong to it. */
export interface Corners {
  readonly from: Cell;
  readonly to: Cell;
}

/** The number of the cell that a position falls into, on an axis of `count` cells. */
export function within(value: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(value)));
}

/** The value at the foot of a row. Steps are decimal numbers, so floating-point noise in their sum is rounded away. */
export function rowFoot(grid: HeatmapGrid, row: number): number {
  const foot = grid.min + row * grid.rowSize;
  return Number((grid.log ? 10 ** foot : foot).toPrecision(12));
}

/** Whether the corners are the same cell: a click rather than a box. */
export function isOneCell({ from, to }: Corners): boolean {
  return from.column === to.column && from.row === to.row;
}

/** Whether two boxes cover the same times and values. */
export function sameBox(a: Box, b: Box): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The sum of counts. */
export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A cell in words: time, values, count. */
export function cellText(
  { column, row }: Cell,
  grid: HeatmapGrid,
  format: (value: number) => string,
): string {
  const count = countAt(grid, column, row);
  const time = formatTick(grid.start + column * grid.step, grid.step, grid.utc);
  const range = `${format(rowFoot(grid, row))} – ${format(rowFoot(grid, row + 1))}`;
  return `${time} · ${range} · ${formatCount(count)}`;
}

/** In pixels of the page. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where a box is, in pixels. */
export function placeOf(box: Box, grid: HeatmapGrid, layout: PlotLayout): Rectangle {
  const end = grid.start + grid.columns * grid.step;
  const x = (seconds: number) =>
    layout.left + clamp((seconds - grid.start) / (end - grid.start)) * layout.gridWidth;
  const y = (value: number) => layout.top + (1 - clamp(heightOf(value, grid))) * layout.gridHeight;
  return {
    left: x(box.start),
    top: y(box.max),
    width: Math.max(2, x(box.end) - x(box.start)),
    height: Math.max(2, y(box.min) - y(box.max)),
  };
}

/** How far up a grid a value is: 0 at its foot, 1 at its top. */
export function heightOf(value: number, { min, rows, rowSize, log }: HeatmapGrid): number {
  return ((log ? Math.log10(value) : value) - min) / (rows * rowSize || 1);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** Beside the box where there is room, so that it hides as little as possible. */
export function actionsPlace(box: Rectangle, layout: PlotLayout) {
  const top = `${Math.min(layout.height - 40, Math.max(0, box.top))}px`;
  const right = box.left + box.width + 6;
  if (right + 330 <= layout.width) return { left: `${right}px`, top };
  if (box.left >= 336) return { right: `${layout.width - box.left + 6}px`, top };
  return { left: '0', top: `${layout.height}px` };
}

/** Where the words of a cell stand: beside it. */
export function hoverPlace({ column, row }: Cell, grid: HeatmapGrid, layout: PlotLayout) {
  const x = layout.left + (layout.gridWidth * (column + 1)) / grid.columns + 8;
  const y = layout.top + layout.gridHeight * (1 - (row + 1) / grid.rows);
  const top = `${Math.min(layout.height - 46, Math.max(0, y - 24))}px`;
  return x + 200 > layout.width ? { right: `${layout.width - x + 16}px`, top } : { left: `${x}px`, top };
}
