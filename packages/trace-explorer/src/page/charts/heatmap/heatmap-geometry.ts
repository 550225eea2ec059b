import type { Box } from '../../../core/query/build/box.ts';
import { formatCount } from '../../values/format.ts';
import { formatTick } from '../ticks.ts';
import type { HeatmapGrid } from './heatmap-grid.ts';
import { countAt } from './heatmap-grid.ts';

/** A cell of the grid, counted from the lower left. */
export interface Cell {
  readonly column: number;
  readonly row: number;
}
/** Two opposite corners of a box. Both corner cells belong to the box. */
export interface Corners {
  readonly from: Cell;
  readonly to: Cell;
}

/** The number of the cell at a position, on an axis of `count` cells. */
export function within(value: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(value)));
}

/** The value at the foot of a row. Steps are decimal numbers, so the sum is rounded to remove floating-point noise. */
export function rowFoot(grid: HeatmapGrid, row: number): number {
  const foot = grid.min + row * grid.rowSize;
  return Number((grid.log ? 10 ** foot : foot).toPrecision(12));
}

/** Whether both corners are the same cell: a click instead of a box. */
export function isOneCell({ from, to }: Corners): boolean {
  return from.column === to.column && from.row === to.row;
}

/** A cell in words: time, values, count. */
export function cellText(
  { column, row }: Cell,
  grid: HeatmapGrid,
  format: (value: number) => string,
): string {
  const count = countAt(grid, column, row);
  const time = formatTick(grid.start + column * grid.step, grid.step);
  const range = `${format(rowFoot(grid, row))} – ${format(rowFoot(grid, row + 1))}`;
  return `${time} · ${range} · ${formatCount(count)}`;
}

/** Position of a box on the grid, as a style. */
export function cellAt(box: Box, grid: HeatmapGrid) {
  const across = (seconds: number) => clamp((seconds - grid.start) / (grid.columns * grid.step));
  const up = (value: number) => clamp(heightOf(value, grid));
  return {
    left: percent(across(box.start)),
    width: percent(across(box.end) - across(box.start)),
    bottom: percent(up(box.min)),
    height: percent(up(box.max) - up(box.min)),
  };
}

/** Position of a cell's text on the grid, as a style: beside the cell, on the side with more room. */
export function hoverPlace({ column, row }: Cell, { columns, rows }: HeatmapGrid) {
  const top = `max(0px, ${percent(1 - (row + 1) / rows)} - 24px)`;
  return column > columns / 2
    ? { top, right: percent(1 - column / columns) }
    : { top, left: percent((column + 1) / columns) };
}

/** The height of a value on a grid: 0 at its foot, 1 at its top. */
export function heightOf(value: number, { min, rows, rowSize, log }: HeatmapGrid): number {
  return ((log ? Math.log10(value) : value) - min) / (rows * rowSize || 1);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

function percent(share: number): string {
  return `${share * 100}%`;
}
