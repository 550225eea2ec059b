import { useMemo, useRef } from 'preact/hooks';
import { useWidth } from '../../../../page/browser/use-width.ts';
import { heightOf } from '../../../../page/charts/heatmap/heatmap-geometry.ts';
import type { HeatmapGrid } from '../../../../page/charts/heatmap/heatmap-grid.ts';
import { HeatmapPicture } from '../../../../page/charts/heatmap/heatmap-picture.tsx';
import { plotLayout } from '../../../../page/charts/plot-layout.ts';
import { Facts } from '../../../../page/components/facts.tsx';
import { Link } from '../../../../page/components/link.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import { counted, formatDuration } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { durationsGrid } from './durations-grid.ts';
import { filtersOfLike, placeAbout } from './narrow-place.ts';
import { rankText, useRank } from './use-rank.ts';

const HEIGHT = 180;

/** The span's duration, compared with all spans of its service and name at about the same time. */
export function DurationsTab({ shown: { model, selected: index } }: { shown: ShownTrace }) {
  const name = model.name(index);
  const service = model.service(index);
  const like = filtersOfLike(model, index);
  const duration = (model.length[index] ?? 0) / 1e6;
  const load = useRank(model, index);
  const grid = useMemo(() => durationsGrid(load.value), [load.value]);
  return (
    <Loaded load={load} what="Reading the durations of spans like it">
      {({ others, share, percentiles }) => (
        <div class="column">
          <p>
            {others === 0
              ? 'The only span of its name around this time.'
              : `Beside ${counted(others, 'other span')} “${name}” of ${service} around this time, it is ${rankText({ others, share })}.`}
          </p>
          <Facts
            facts={[
              ['This span', formatDuration(duration)],
              ...percentiles.map(
                ([name, ms]) => [name, ms === undefined ? '–' : formatDuration(ms)] as const,
              ),
            ]}
          />
          {grid !== undefined && <LikeHeatmap grid={grid} duration={duration} />}
          <Link isAction to={placeAbout(model, like)}>
            Open as a query
          </Link>
        </div>
      )}
    </Loaded>
  );
}

function LikeHeatmap({ grid, duration }: { grid: HeatmapGrid; duration: number }) {
  const root = useRef<HTMLDivElement>(null);
  const layout = plotLayout(useWidth(root), HEIGHT);
  const top = layout.top + layout.gridHeight * (1 - Math.min(1, Math.max(0, heightOf(duration, grid))));
  return (
    <div
      class="within"
      ref={root}
      role="img"
      aria-label={`Durations over time; this span took ${formatDuration(duration)}`}
    >
      <HeatmapPicture grid={grid} layout={layout} format={formatDuration} />
      <span
        class="placed"
        style={{
          top: `${top}px`,
          left: `${layout.left}px`,
          width: `${layout.gridWidth}px`,
          borderTop: '2px solid var(--accent)',
        }}
      />
    </div>
  );
}
