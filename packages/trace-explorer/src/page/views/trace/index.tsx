import '../../common.ts';
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import type { Place } from '../../../places/place.ts';
import { traceIdField } from '../../../shared/trace-id.ts';
import { Busy } from '../../components/busy.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LogDetail } from '../../logs/log-detail.tsx';
import { previousPlace, setParams } from '../../shell/router.ts';
import type { ViewProps } from '../../shell/views.ts';
import { ImportButton } from './import/import-button.tsx';
import { UNFILTERED } from './list/use-origin-list.ts';
import { WithinList } from './list/within-list.tsx';
import { FirstLines } from './logs/first-lines.tsx';
import { LogList } from './logs/log-list.tsx';
import { placeAlone } from './logs/trace-logs.ts';
import { useLogsOf } from './logs/use-trace-logs.ts';
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
        <AbsentTrace id={id} chosen={state.line} />
      ) : (
        <Busy what="Reading the trace" rows />
      )}
    </WithinList>
  );
}

/** Milliseconds between looks for log lines of a trace that no span has come of. */
const LOOK_MS = 2000;

/** No span has come; its log lines may have. */
function AbsentTrace({ id, chosen }: { id: string; chosen: string | undefined }) {
  const { value, busy, reload } = useLogsOf(id);
  useEffect(() => {
    if (busy) return;
    const timer = setTimeout(reload, LOOK_MS);
    return () => clearTimeout(timer);
  }, [busy]);
  const lines = useMemo(() => placeAlone(value?.entries ?? []), [value]);
  const line = lines.find(({ entry }) => entry.id === chosen);
  return (
    <>
      <h1 class="visually-hidden">Trace</h1>
      <EmptyState title="No span of this trace is here yet">
        <p>
          Services send their spans every few seconds: it appears by itself as soon as one arrives. If it is
          an old one, it may have been dropped to stay under the store's cap.
        </p>
        <p>
          <code>{id}</code> · <a href="/traces">All traces</a> · <ImportButton />
        </p>
      </EmptyState>
      {lines.length > 0 && (
        <>
          <h2>Log lines of it that have come</h2>
          {value?.more && <FirstLines traceId={id} count={lines.length} />}
          <LogList
            class="absent-logs"
            lines={lines}
            chosen={chosen}
            span={-1}
            onChoose={({ entry }) => setParams({ log: entry.id }, { replace: true })}
          />
          {line !== undefined && <LogDetail key={line.entry.id} id={line.entry.id} entry={line.entry} />}
        </>
      )}
    </>
  );
}
