import { useState } from 'preact/hooks';
import type { Box } from '../../../../core/query/build/box.ts';
import type { PointerOn } from '../../../../page/browser/use-drag.ts';
import type { Cell, Corners } from '../../../../page/charts/heatmap/heatmap-geometry.ts';
import { isOneCell, rowFoot, within } from '../../../../page/charts/heatmap/heatmap-geometry.ts';
import type { HeatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import type { PlotLayout } from '../../../../page/charts/plot-layout.ts';

interface BoxOptions {
  readonly column: string;
  readonly grid: HeatmapGrid;
  readonly layout: PlotLayout;
  readonly box: Box | undefined;
  readonly onBox: (box: Box | undefined) => void;
  readonly onPick: (cell: Box) => void;
  /** Told the moment of the cell under the pointer or the arrow keys, seconds since the epoch. */
  readonly onAt: (at: number | undefined) => void;
}

/** Draws a box on a heatmap, or picks one of its cells: with the pointer, or with arrow keys, Shift and Enter. */
export function useBox({ column, grid, layout, box, onBox, onPick, onAt }: BoxOptions) {
  const [hover, setHover] = useState<Cell>();
  const pointAt = (cell: Cell | undefined) => {
    setHover(cell);
    onAt(cell && grid.start + (cell.column + 0.5) * grid.step);
  };
  const [drawing, setDrawing] = useState<Corners & { readonly outside?: boolean }>();

  /** The cell under the pointer. When `allowed`, the nearest cell to a pointer beside the plot. */
  const cellAt = (event: PointerOn, allowed = drawing !== undefined): Cell | undefined => {
    const bounds = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - bounds.left - layout.left) / layout.gridWidth;
    const y = 1 - (event.clientY - bounds.top - layout.top) / layout.gridHeight;
    if (!allowed && (x < 0 || x >= 1 || y < 0 || y >= 1)) return undefined;
    return { column: within(x * grid.columns, grid.columns), row: within(y * grid.rows, grid.rows) };
  };
  const boxOf = ({ from, to }: Corners): Box => ({
    column,
    start: grid.start + Math.min(from.column, to.column) * grid.step,
    end: grid.start + (Math.max(from.column, to.column) + 1) * grid.step,
    min: rowFoot(grid, Math.min(from.row, to.row)),
    max: rowFoot(grid, Math.max(from.row, to.row) + 1),
  });
  const pick = (cell: Cell) => onPick(boxOf({ from: cell, to: cell }));
  const moveBy = (step: Cell, draws: boolean) => {
    const at = hover ?? { column: grid.columns - 1, row: 0 };
    const next = {
      column: within(at.column + step.column, grid.columns),
      row: within(at.row + step.row, grid.rows),
    };
    pointAt(next);
    if (!draws) return setDrawing(undefined);
    const corners = { from: drawing?.from ?? at, to: next };
    setDrawing(corners);
    onBox(boxOf(corners));
  };

  return {
    /** The cell under the pointer or the arrow keys. */
    hover,
    /** The box to show: the box being drawn, else the finished one. */
    drawn: drawing === undefined || isOneCell(drawing) ? box : boxOf(drawing),
    /** Whether the box is finished: after each step with keys, and after the release of the pointer's button. */
    settled: drawing === undefined || JSON.stringify(box) === JSON.stringify(boxOf(drawing)),
    handlers: {
      onPointerDown(event: PointerOn) {
        const cell = event.button === 0 ? cellAt(event, true) : undefined;
        if (cell === undefined) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrawing({ from: cell, to: cell, outside: cellAt(event, false) === undefined });
      },
      onPointerMove(event: PointerOn) {
        const cell = cellAt(event);
        pointAt(cell);
        if (drawing !== undefined && cell !== undefined && event.buttons === 1) {
          setDrawing({ ...drawing, to: cell });
        }
      },
      onPointerUp() {
        if (drawing === undefined) return;
        setDrawing(undefined);
        if (!isOneCell(drawing)) onBox(boxOf(drawing));
        else if (box !== undefined) onBox(undefined);
        else if (drawing.outside !== true) pick(drawing.from);
      },
      onPointerLeave: () => pointAt(undefined),
      onPointerCancel: () => setDrawing(undefined),
      onBlur() {
        setDrawing(undefined);
        pointAt(undefined);
      },
      onKeyDown(event: KeyboardEvent) {
        const step = ARROWS[event.key];
        if (step !== undefined) moveBy(step, event.shiftKey);
        else if (event.key === 'Enter' && !event.shiftKey && hover !== undefined) pick(hover);
        else if (event.key === 'Escape' && box !== undefined) {
          setDrawing(undefined);
          onBox(undefined);
        } else return;
        event.preventDefault();
      },
    },
  };
}

const ARROWS: Readonly<Record<string, Cell>> = {
  ArrowLeft: { column: -1, row: 0 },
  ArrowRight: { column: 1, row: 0 },
  ArrowUp: { column: 0, row: 1 },
  ArrowDown: { column: 0, row: -1 },
};
