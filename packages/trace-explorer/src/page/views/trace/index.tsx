import '../../common.ts';
import { useLayoutEffect } from 'preact/hooks';
import { Busy } from '../../components/busy.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import type { Place } from '../../shell/place.ts';
import { previousPlace, setParams } from '../../shell/router.ts';
import type { ViewProps } from '../../shell/views.ts';
import { ImportButton } from './import/import-button.tsx';
import { UNFILTERED } from './list/use-origin-list.ts';
import { TraceScreen } from './trace-screen.tsx';
import { readTraceState } from './trace-state.ts';
import { useTrace } from './use-trace.ts';

/** `/trace/:id`: one trace as a waterfall. */
export default function TraceView({ place }: ViewProps) {
  useOrigin(place);
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

/** A trace that is opened from the list keeps the list's params in its own URL, so that it can be shared and reloaded. */
function useOrigin(place: Place): void {
  useLayoutEffect(() => {
    const origin = previousPlace();
    if (origin?.view !== 'traces' || place.params.from !== undefined) return;
    const from = new URLSearchParams(origin.params).toString() || UNFILTERED;
    setParams({ from }, { replace: true });
  }, [place.id]);
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
        <code>{id}</code> · <a href="/traces">All traces</a> · <ImportButton />
      </p>
    </EmptyState>
  );
}
