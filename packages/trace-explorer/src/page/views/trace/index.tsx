import { ApiError } from '../../client/api.ts';
import { Busy } from '../../client/components/busy.tsx';
import { EmptyState } from '../../client/components/empty-state.tsx';
import { ErrorState } from '../../client/components/error-state.tsx';
import type { ViewProps } from '../../client/views.ts';
import { TraceScreen } from './trace-screen.tsx';
import { readTraceState } from './trace-state.ts';
import { useTrace } from './use-trace.ts';

/** `/trace/:id`: one trace as a waterfall. */
export default function TraceView({ place }: ViewProps) {
  const id = (place.id ?? '').toLowerCase();
  const state = readTraceState(place);
  const { asSent, compare } = state;
  const { model, error, waiting, reload } = useTrace(id, { asSent, compare });
  if (!/^[0-9a-f]{32}$/.test(id)) {
    return (
      <EmptyState title="This is not a trace's id">
        <p>
          An id has 32 hexadecimal digits. <a href="/traces">All traces</a>
        </p>
      </EmptyState>
    );
  }
  if (model === undefined) {
    if (error === undefined) return <Busy what="Reading the trace" />;
    if (!(error instanceof ApiError) || error.status !== 404)
      return <ErrorState error={error} onRetry={reload} />;
    return (
      <EmptyState title="No span of this trace is here yet">
        <p>
          Services send their spans every few seconds: it appears by itself as soon as one arrives. If it is
          an old one, it may have been dropped to stay under the store's cap.
        </p>
        <p>
          <code>{id}</code> · <a href="/traces">All traces</a>
        </p>
      </EmptyState>
    );
  }
  return (
    <TraceScreen key={id} model={model} state={state} waiting={waiting} error={error} onReload={reload} />
  );
}
