import { useMemo } from 'preact/hooks';
import { heightOf } from '../../../../page/charts/heatmap/heatmap-geometry.ts';
import { counted, formatCount, formatDuration } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { durationsGrid } from './durations-grid.ts';
import { rankText, useRank } from './use-rank.ts';

/** Whether the last span was the only one of its name: then the next one mostly is, too, and has no room before it is known. */
let wasAlone = false;

/** Where the span's duration lies among those of its name; the tab Durations says more. Its room is there before it is known; nothing where there is no other. */
export function Beside({ shown: { model, selected: index, change } }: { shown: ShownTrace }) {
  const { value, error } = useRank(model, index);
  const grid = useMemo(() => durationsGrid(value), [value]);
  const { others, share = 0 } = value ?? {};
  if (others !== undefined) wasAlone = others === 0;
  if (wasAlone) return null;
  const most = Math.max(1, ...(grid?.totals ?? []));
  const duration = (model.length[index] ?? 0) / 1e6;
  const title = `Durations of ${counted(others ?? 0, 'other span')} of its name; this one took ${formatDuration(duration)}`;
  return (
    <section class="boxed pad column">
      <p class="line apart">
        <span class="muted">Beside {others ? formatCount(others) : 'others'} like it</span>
        {others ? (
          <button type="button" class="plain strong" onClick={() => change({ tab: 'durations' })}>
            {rankText({ others, share })}
          </button>
        ) : (
          error && <span class="faint">not known</span>
        )}
      </p>
      <svg
        class="block"
        width="100%"
        height="34"
        fill="var(--line2)"
        viewBox={`0 0 ${grid?.rows ?? 1} 1`}
        preserveAspectRatio="none"
        role="img"
      >
        <title>{title}</title>
        {Array.from(grid?.totals ?? [], (total, row) => (
          <rect key={row} x={row} y={1 - total / most} width={0.8} height={total / most} />
        ))}
        {grid && (
          <rect
            fill="var(--accent)"
            x={Math.min(1, Math.max(0, heightOf(duration, grid))) * grid.rows - 0.1}
            y={0}
            width={0.2}
            height={1}
          />
        )}
      </svg>
    </section>
  );
}
