import { useEffect, useRef } from 'preact/hooks';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { useColorScheme } from '../../../../page/browser/use-color-scheme.ts';
import { useDrag } from '../../../../page/browser/use-drag.ts';
import { useWidth } from '../../../../page/browser/use-width.ts';
import { counted, formatCount, formatDuration } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { drawMinimap, MINIMAP_MARGIN, rowPixels } from './draw-minimap.ts';

const WHOLE = { width: '100%', height: '100%' };

/** The whole trace as a small picture with its errors. Dragging zooms; a click goes to the row. */
export function Minimap({ shown }: { shown: ShownTrace }) {
  const { model, rows, full, range, zoomTo } = shown;
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(canvas);
  const scheme = useColorScheme();
  useEffect(() => {
    if (canvas.current !== null) drawMinimap(canvas.current, width, shown);
  }, [model, rows, full[0], full[1], shown.coloring, width, scheme]);
  const time = full[1] - full[0] || 1;
  const { marked, handlers } = useDrag((from, to, event) => {
    if ((to - from) * width >= 4) return zoomTo([full[0] + from * time, full[0] + to * time]);
    const y = event.clientY - event.currentTarget.getBoundingClientRect().top - MINIMAP_MARGIN;
    const index = rows[Math.min(Math.floor(y / rowPixels(rows.length)), rows.length - 1)];
    if (y >= 0 && index !== undefined) shown.select(index);
  });
  const [from, to] = marked ?? [(range[0] - full[0]) / time, (range[1] - full[0]) / time];
  return (
    <div class="minimap band">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a pointer's shortcut for what the keys + − 0 and the tree do */}
      <div class="minimap-picture within drags" {...handlers} onDblClick={() => zoomTo(undefined)}>
        <canvas ref={canvas} style={WHOLE} role="img" aria-label={summaryOf(model)} />
        {(from > 0 || to < 1) && (
          <span class="marked alone" style={{ left: `${100 * from}%`, right: `${100 * (1 - to)}%` }} />
        )}
      </div>
    </div>
  );
}

function summaryOf(model: TraceModel): string {
  const errors = model.errors.length;
  const errorText = errors === 0 ? 'no errors' : `${formatCount(errors)} with an error`;
  return `Outline of the trace: ${counted(model.count, 'span')} over ${formatDuration(model.duration / 1e6)}, ${errorText}.`;
}
