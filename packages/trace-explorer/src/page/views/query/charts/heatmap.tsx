import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatCount } from '../../../client/format.ts';
import type { Box } from '../query-place.ts';
import { formatField } from '../values.ts';
import { chartColors } from './chart-colors.ts';
import { drawHeatmap, heatmapLayout } from './draw-heatmap.ts';
import type { Cell, Corners } from './heatmap-geometry.ts';
import {
  actionsPlace,
  cellText,
  hoverPlace,
  isOneCell,
  placeOf,
  rowFoot,
  sameBox,
  sum,
  within,
} from './heatmap-geometry.ts';
import type { HeatmapGrid } from './heatmap-grid.ts';
import { useColorScheme, useWidth } from './use-size.ts';

export interface HeatmapProps {
  readonly column: string;
  readonly grid: HeatmapGrid;
  readonly box: Box | undefined;
  readonly onBox: (box: Box | undefined) => void;
  readonly onPoint: (point: { start: number; end: number; atMost: number }) => void;
  /** What can be done with the box that is drawn. */
  readonly actions: ComponentChildren;
}

/** A heatmap with its histogram. The pointer draws a box or picks a point; so do the arrow keys, with Shift and Enter. */
export function Heatmap({ column, grid, box, onBox, onPoint, actions }: HeatmapProps) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(root);
  const scheme = useColorScheme();
  const [hover, setHover] = useState<Cell>();
  const [drawing, setDrawing] = useState<Corners>();
  const layout = useMemo(() => heatmapLayout(width), [width]);
  const format = (value: number) => formatField(column, value);
  useLayoutEffect(() => {
    if (canvas.current === null || width === 0) return;
    drawHeatmap(canvas.current, grid, layout, chartColors[scheme], format);
    // For measuring: benchmarks/page.ts waits for it.
    performance.mark('heatmap drawn');
  }, [grid, layout, scheme, column, width]);

  const cellAt = (event: PointerEvent): Cell | undefined => {
    const bounds = canvas.current?.getBoundingClientRect();
    if (bounds === undefined) return undefined;
    const x = (event.clientX - bounds.left - layout.left) / layout.gridWidth;
    const y = 1 - (event.clientY - bounds.top - layout.top) / layout.gridHeight;
    if (drawing === undefined && (x < 0 || x >= 1 || y < 0 || y >= 1)) return undefined;
    return { column: within(x * grid.columns, grid.columns), row: within(y * grid.rows, grid.rows) };
  };
  const boxOf = ({ from, to }: Corners): Box => ({
    column,
    start: grid.start + Math.min(from.column, to.column) * grid.step,
    end: grid.start + (Math.max(from.column, to.column) + 1) * grid.step,
    min: rowFoot(grid, Math.min(from.row, to.row)),
    max: rowFoot(grid, Math.max(from.row, to.row) + 1),
  });
  const pick = (cell: Cell) =>
    onPoint({
      start: grid.start + cell.column * grid.step,
      end: grid.start + (cell.column + 1) * grid.step,
      atMost: rowFoot(grid, cell.row + 1),
    });

  const onKeyDown = (event: KeyboardEvent) => {
    const step = arrows[event.key];
    const at = hover ?? { column: grid.columns - 1, row: 0 };
    if (step !== undefined) {
      const next = {
        column: within(at.column + step.column, grid.columns),
        row: within(at.row + step.row, grid.rows),
      };
      setHover(next);
      if (event.shiftKey) {
        const corners = { from: drawing?.from ?? at, to: next };
        setDrawing(corners);
        onBox(boxOf(corners));
      } else setDrawing(undefined);
    } else if (event.key === 'Enter' && !event.shiftKey && hover !== undefined) pick(hover);
    else if (event.key === 'Escape' && box !== undefined) {
      setDrawing(undefined);
      onBox(undefined);
    } else return;
    event.preventDefault();
  };

  // With keys the box is one from the first step on; with the pointer, when the button is let go.
  const settled = drawing === undefined || (box !== undefined && sameBox(box, boxOf(drawing)));
  const drawn = drawing === undefined || isOneCell(drawing) ? box : boxOf(drawing);
  const rectangle = drawn === undefined ? undefined : placeOf(drawn, grid, layout);
  return (
    <div class="heatmap" ref={root}>
      <div
        class="heatmap-grid"
        data-start={grid.start}
        data-end={grid.start + grid.columns * grid.step}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a control: arrow keys, Shift and Enter work on it
        tabIndex={0}
        role="application"
        aria-roledescription="heatmap"
        aria-label={`Heatmap of ${column}: ${formatCount(sum(grid.totals))} events. Arrow keys move, with Shift they draw a box, Enter opens the slowest trace at or below the point.`}
        onPointerDown={(event) => {
          const cell = event.button === 0 ? cellAt(event) : undefined;
          if (cell === undefined) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrawing({ from: cell, to: cell });
        }}
        onPointerMove={(event) => {
          const cell = cellAt(event);
          setHover(cell);
          if (drawing !== undefined && cell !== undefined && event.buttons === 1) {
            setDrawing({ from: drawing.from, to: cell });
          }
        }}
        onPointerUp={() => {
          if (drawing === undefined) return;
          setDrawing(undefined);
          if (!isOneCell(drawing)) onBox(boxOf(drawing));
          else if (box !== undefined) onBox(undefined);
          else pick(drawing.from);
        }}
        onPointerLeave={() => setHover(undefined)}
        onPointerCancel={() => setDrawing(undefined)}
        onBlur={() => {
          setDrawing(undefined);
          setHover(undefined);
        }}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} style={{ height: `${layout.height}px` }} />
      </div>
      {rectangle !== undefined && (
        <div
          class="heatmap-box"
          style={{
            left: `${rectangle.left}px`,
            top: `${rectangle.top}px`,
            width: `${rectangle.width}px`,
            height: `${rectangle.height}px`,
          }}
        />
      )}
      {rectangle !== undefined && box !== undefined && settled && (
        <div class="heatmap-actions" style={actionsPlace(rectangle, layout)}>
          {actions}
        </div>
      )}
      {hover !== undefined && (
        <div class="heatmap-hover" style={hoverPlace(hover, grid, layout)}>
          {cellText(hover, grid, format)}
        </div>
      )}
      <p class="visually-hidden" aria-live="polite">
        {hover !== undefined && document.activeElement === canvas.current?.parentElement
          ? cellText(hover, grid, format)
          : ''}
      </p>
    </div>
  );
}

const arrows: Readonly<Record<string, Cell>> = {
  ArrowLeft: { column: -1, row: 0 },
  ArrowRight: { column: 1, row: 0 },
  ArrowUp: { column: 0, row: 1 },
  ArrowDown: { column: 0, row: -1 },
};
