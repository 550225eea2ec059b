import { useState } from 'preact/hooks';
import { NO_SPAN, tracePlace } from '../../../core/places/place.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { go } from '../../../page/browser/router.ts';
import { Link } from '../../../page/components/link.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { lineInTrace } from '../../../page/log-lines/line-in-trace.ts';
import { counted } from '../../../page/values/format.ts';
import { Waterfall } from './grid/waterfall.tsx';
import { TraceFigures } from './header/trace-facts.tsx';
import { TraceLogList } from './log-pane/trace-log-list.tsx';
import { useTraceLogs } from './log-pane/use-trace-logs.ts';
import type { TraceState } from './state/trace-state.ts';
import { PLAIN_STATE } from './state/trace-state.ts';
import { useActions } from './state/use-actions.ts';
import { useDrawing } from './state/use-drawing.ts';
import { useTrace } from './state/use-trace.ts';

interface InlineTraceProps {
  readonly id: string;
  /** Services of a complete trace. The view names the missing ones while it waits for them. */
  readonly expected?: readonly string[];
  /** Level at which spans fold at first. */
  readonly depth?: number | undefined;
}

/** A trace's waterfall within another view. It grows as spans arrive. */
export default function InlineTrace({ id, expected = [], depth }: InlineTraceProps) {
  const { model, error, reload } = useTrace(id, { follow: true });
  if (model === undefined) {
    if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
    return <Busy what="Waiting for the first span" />;
  }
  const awaited = expected.filter((name) => !model.services.some((service) => service.name === name));
  return <Grown model={model} awaited={awaited} depth={depth} />;
}

function Grown({
  model,
  awaited,
  depth,
}: {
  model: TraceModel;
  awaited: readonly string[];
  depth: number | undefined;
}) {
  const id = model.traceId;
  const { logs, error, reload } = useTraceLogs(model, false);
  // The trace is part of another view, so its state is not in the URL.
  const [state, setState] = useState<TraceState>({ ...PLAIN_STATE, depth, span: NO_SPAN });
  const shown = useActions(useDrawing(model, state, logs), (changes) =>
    setState((before) => ({ ...before, ...changes })),
  );
  return (
    <div class="inline-trace card" data-trace={id} data-spans={model.count} data-lines={logs.lines.length}>
      <p class="line inset">
        <TraceFigures model={model} />
        {logs.lines.length > 0 && <span>{counted(logs.lines.length, 'log line')}</span>}
        <Link to={tracePlace(id)}>
          Open <code>{id.slice(0, 8)}</code>
        </Link>
        {awaited.length > 0 && (
          <span class="muted" role="status">
            waiting for {awaited.join(', ')}
          </span>
        )}
      </p>
      {error !== undefined && <ErrorState error={error} onRetry={reload} />}
      <Waterfall shown={shown} onOpen={(index) => go(tracePlace(id, model.ref(index)))} />
      {logs.lines.length > 0 && (
        <TraceLogList
          class="inline-logs"
          lines={logs.lines}
          chosen={state.line}
          span={-1}
          onMove={({ entry }) => shown.change({ line: entry.id })}
          onPress={({ entry }) => go(lineInTrace(id, entry.span_id ?? '', entry.id))}
        />
      )}
    </div>
  );
}
