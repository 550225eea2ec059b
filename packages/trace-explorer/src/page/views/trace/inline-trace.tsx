import '../../common.ts';
import { useMemo, useState } from 'preact/hooks';
import { Busy } from '../../components/busy.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { formatCount, formatDuration } from '../../format.ts';
import { hrefOf, tracePlace } from '../../shell/place.ts';
import { go } from '../../shell/router.ts';
import { useColoring } from './colors.ts';
import type { FoldState } from './folding.ts';
import { foldingOf, toggleFold } from './folding.ts';
import { Waterfall } from './grid/waterfall.tsx';
import type { TraceModel } from './model/trace-model.ts';
import { visibleRows } from './model/visible-rows.ts';
import { useTrace } from './use-trace.ts';

export interface InlineTraceProps {
  readonly id: string;
  /** Services without which the trace is incomplete; the view says so while it waits for them. */
  readonly expected?: readonly string[];
  /** Level at which spans are folded to begin with. */
  readonly depth?: number | undefined;
}

const MAX_HEIGHT = 388;

/** A trace's waterfall among other things; it grows as spans arrive. */
export function InlineTrace({ id, expected = [], depth }: InlineTraceProps) {
  const { model, error, reload } = useTrace(id, { follow: true });
  if (model === undefined) {
    if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
    return <Busy what="Waiting for the first span" />;
  }
  const awaited = expected.filter((name) => !model.services.some((service) => service.name === name));
  return (
    <div class="inline-trace" data-trace={id} data-spans={model.count}>
      <p class="inline-trace-facts">
        <strong>{formatDuration(model.duration / 1e6)}</strong>
        <span>
          {formatCount(model.count)} {model.count === 1 ? 'span' : 'spans'}
        </span>
        {model.errors.length > 0 && (
          <span class="error-text">✗ {formatCount(model.errors.length)} with an error</span>
        )}
        <a href={hrefOf(tracePlace(id))}>
          Open <code>{id.slice(0, 8)}</code>
        </a>
        {awaited.length > 0 && (
          <span class="muted" role="status">
            waiting for {awaited.join(', ')}
          </span>
        )}
      </p>
      <InlineWaterfall model={model} depth={depth} />
    </div>
  );
}

interface InlineWaterfallProps {
  readonly model: TraceModel;
  readonly depth: number | undefined;
}

function InlineWaterfall({ model, depth }: InlineWaterfallProps) {
  const [selected, setSelected] = useState<string>();
  const [folds, setFolds] = useState<FoldState>({ folded: [], opened: [], depth });
  const { colorOf } = useColoring(model, undefined);
  const folding = useMemo(() => foldingOf(model, folds), [model, folds]);
  const rows = useMemo(() => visibleRows(model, folding), [model, folding]);
  const toggle = (place: number) => setFolds({ ...folds, ...toggleFold(model, folds, place) });
  return (
    <Waterfall
      model={model}
      rows={rows}
      folding={folding}
      range={[0, Math.max(1, model.duration)]}
      selected={selected === undefined ? -1 : model.placeOf(selected)}
      colorOf={colorOf}
      onSelect={(place) => setSelected(model.ref(place))}
      onToggle={toggle}
      onOpen={(place) => go(tracePlace(model.traceId, model.ref(place)))}
      maxHeight={MAX_HEIGHT}
    />
  );
}
