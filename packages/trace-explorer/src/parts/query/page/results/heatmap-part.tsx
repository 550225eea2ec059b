import { useMemo, useRef } from 'preact/hooks';
import { useWidth } from '../../../../page/browser/use-width.ts';
import { cellAt, cellText, hoverPlace } from '../../../../page/charts/heatmap/heatmap-geometry.ts';
import type { HeatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import { heatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import { HeatmapPicture, RAMP } from '../../../../page/charts/heatmap/heatmap-picture.tsx';
import { Marks } from '../../../../page/charts/marks.tsx';
import { plotLayout } from '../../../../page/charts/plot-layout.ts';
import { IconButton } from '../../../../page/components/inputs/icon-button.tsx';
import { counted } from '../../../../page/values/format.ts';
import { zoomed } from '../../narrow.ts';
import { formatField } from '../values.ts';
import { tracesIn } from './find-trace.ts';
import type { ChartProps } from './measures.ts';
import { useBox } from './use-box.ts';

const HEIGHT = 240;

/** The section of a HEATMAP. */
export function HeatmapPart(props: ChartProps) {
  const { measure, data, log } = props;
  const { key, calculation: { column = '' } = {} } = measure;
  const grid = useMemo(() => heatmapGrid(data, key, { log }), [data, key, log]);
  return (
    <section class="chart pad column" aria-label={key}>
      <header class="line">
        <h2>{key}</h2>
        {grid !== undefined && (
          <p class="label strip at-end" title="Drag to select, press to open a trace">
            1
            <span
              class="legend-ramp"
              aria-hidden="true"
              style={{ width: '120px', height: '8px', background: RAMP }}
            />
            {counted(grid.most, 'event')} in a cell
          </p>
        )}
      </header>
      {grid === undefined ? (
        <p class="muted">
          No event has a number{log && ' above 0'} in {column}.
        </p>
      ) : (
        <Heatmap {...props} grid={grid} column={column} />
      )}
    </section>
  );
}

interface HeatmapProps extends ChartProps {
  readonly grid: HeatmapGrid;
  readonly column: string;
}

/** A heatmap with its histogram. The pointer draws a box or picks a point. Arrow keys do the same with Shift and Enter. */
function Heatmap({ shown, grid, column, at, onAt, onPoint, deploys }: HeatmapProps) {
  const { place, ask, show } = shown;
  const { query } = place;
  const box = place.box?.column === column ? place.box : undefined;
  const format = (value: number) => formatField(column, value);
  const root = useRef<HTMLDivElement>(null);
  const layout = plotLayout(useWidth(root), HEIGHT);
  const { hover, drawn, settled, handlers } = useBox({
    ...{ column, grid, layout, box },
    onBox: (changed) => show({ box: changed, panel: 'results' }),
    onPick: ({ start, end, max }) => onPoint({ column, start, end, atMost: max }),
    onAt,
  });
  const events = grid.totals.reduce((sum, count) => sum + count, 0);
  const end = grid.start + grid.columns * grid.step;
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
        aria-label={`Heatmap of ${column}: ${counted(events, 'event')}. Arrow keys move, with Shift they draw a box, Enter opens the slowest trace at or below the point.`}
        {...handlers}
      >
        <HeatmapPicture grid={grid} layout={layout} format={format} />
      </div>
      <Marks {...deploys} at={at} start={grid.start} end={end} layout={layout} />
      <div class="placed passive" style={layout.area} aria-live="polite">
        {drawn !== undefined && (
          <div class="heatmap-veil cover">
            <div class="marked alone heatmap-box" style={cellAt(drawn, grid)} />
          </div>
        )}
        {hover !== undefined && (
          <div class="heatmap-hover placed over" style={hoverPlace(hover, grid)}>
            {cellText(hover, grid, format)}
          </div>
        )}
      </div>
      {drawn !== undefined && box !== undefined && settled && (
        <div class="heatmap-actions placed strip tight over">
          <button type="button" class="primary" onClick={() => show({ panel: 'bubbleup' })}>
            BubbleUp
          </button>
          <button type="button" class="ghost" onClick={() => ask(tracesIn(query, box))}>
            Traces in it
          </button>
          <button type="button" class="ghost" onClick={() => ask(zoomed(query, box))}>
            Zoom in
          </button>
          <IconButton
            icon="x"
            label="Remove the box"
            onPress={() => show({ box: undefined, panel: 'results' })}
          />
        </div>
      )}
    </div>
  );
}
