import '../../common.ts';
import { useLayoutEffect } from 'preact/hooks';
import { logsOfTrace } from '../../../places/logs-place.ts';
import type { Place } from '../../../places/place.ts';
import { hrefOf } from '../../../places/place.ts';
import { traceIdField } from '../../../shared/trace-id.ts';
import { Busy } from '../../components/states/busy.tsx';
import { EmptyState } from '../../components/states/empty-state.tsx';
import { ErrorState } from '../../components/states/error-state.tsx';
import { previousPlace, setParams } from '../../shell/router.ts';
import type { ViewProps } from '../../shell/views.ts';
import { ImportButton } from './import/import-button.tsx';
import { UNFILTERED } from './list/use-origin-list.ts';
import { WithinList } from './list/within-list.tsx';
import { TraceScreen } from './trace-screen.tsx';
import { readTraceState } from './trace-state.ts';
import { useTrace } from './use-trace.ts';

/** `/trace/:id`: one trace as a waterfall. */
export default function TraceView({ place }: ViewProps) {
  useOrigin(place);
  const id = traceIdField(place.id ?? '');
  if (/^(?:[0-9a-f]{16}){1,2}$/.test(id)) return <StoredTrace id={id} place={place} />;
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
  return (
    <WithinList id={id} state={state} isShown={model !== undefined}>
      {model !== undefined ? (
        <TraceScreen key={id} model={model} state={state} waiting={waiting} error={error} onReload={reload} />
      ) : error !== undefined ? (
        <ErrorState error={error} onRetry={reload} />
      ) : absent ? (
        <AbsentTrace id={id} />
      ) : (
        <Busy what="Reading the trace" rows />
      )}
    </WithinList>
  );
}

/** No span has come; log lines may have, and they stand in the view of log lines. */
function AbsentTrace({ id }: { id: string }) {
  return (
    <>
      <h1 class="visually-hidden">Trace</h1>
      <EmptyState title="No span of this trace is here yet">
        <p>
          Services send their spans every few seconds: the trace appears by itself as soon as one arrives. An
          old trace may have been deleted to make room in the store.
        </p>
        <p>
          <code>{id}</code> · <a href={hrefOf(logsOfTrace(id))}>Its log lines</a> ·{' '}
          <a href="/traces">All traces</a> · <ImportButton />
        </p>
      </EmptyState>
    </>
  );
}
