import { useLayoutEffect, useRef } from 'preact/hooks';
import { canvasColors } from '../../browser/canvas-colors.ts';
import { useColorScheme } from '../../browser/use-color-scheme.ts';
import { Axes } from '../axes.tsx';
import type { PlotLayout } from '../plot-layout.ts';
import { logTicks, valueTicks } from '../ticks.ts';
import { drawHeatmap } from './draw-heatmap.ts';
import { heightOf, rowFoot } from './heatmap-geometry.ts';
import type { HeatmapGrid } from './heatmap-grid.ts';

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
  // As many labels as have room: a line of text takes 14 pixels.
  const every = Math.ceil((values.length * 14) / layout.gridHeight);
  return (
    <div class="heatmap-picture within">
      <svg class="block" width={width} height={height} aria-hidden="true">
        <Axes
          layout={layout}
          start={grid.start}
          end={grid.start + grid.columns * grid.step}
          values={values.filter((_, i) => i % every === 0)}
          heightOf={(value) => heightOf(value, grid)}
          format={format}
        />
      </svg>
      <canvas class="cover" ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
    </div>
  );
}
