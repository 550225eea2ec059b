import { Busy } from '../../components/busy.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import type { ViewProps } from '../../shell/views.ts';
import { TraceScreen } from './trace-screen.tsx';
import { readTraceState } from './trace-state.ts';
import { useTrace } from './use-trace.ts';

/** `/trace/:id`: one trace as a waterfall. */
export default function TraceView({ place }: ViewProps) {
  const id = (place.id ?? '').toLowerCase();
  if (/^[0-9a-f]{32}$/.test(id)) return <StoredTrace id={id} place={place} />;
  return (
    <EmptyState title="This is not a trace's id">
      <p>
        An id has 32 hexadecimal digits. <a href="/traces">All traces</a>
      </p>
    </EmptyState>
  );
}

function StoredTrace({ id, place }: ViewProps & { id: string }) {
  const state = readTraceState(place);
  const { asSent, compare } = state;
  const { model, absent, error, waiting, reload } = useTrace(id, { asSent, compare });
  if (model !== undefined) {
    return (
      <TraceScreen key={id} model={model} state={state} waiting={waiting} error={error} onReload={reload} />
    );
  }
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (!absent) return <Busy what="Reading the trace" />;
  return (
    <EmptyState title="No span of this trace is here yet">
      <p>
        Services send their spans every few seconds: it appears by itself as soon as one arrives. If it is an
        old one, it may have been dropped to stay under the store's cap.
      </p>
      <p>
        <code>{id}</code> · <a href="/traces">All traces</a>
      </p>
    </EmptyState>
  );
}
