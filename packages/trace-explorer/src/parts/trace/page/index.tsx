import { logsOfTrace } from '../../../core/places/logs-place.ts';
import { traceIdField } from '../../../lib/trace-id.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { useTitle } from '../../../page/browser/use-title.ts';
import { Link } from '../../../page/components/link.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import { WithinList } from './list/within-list.tsx';
import { readTraceState, TRACE_PARAMS } from './state/trace-state.ts';
import { useTrace } from './state/use-trace.ts';
import { TraceScreen } from './trace-screen.tsx';

const ImportButton = lazy(async () => ({
  default: (await import('../../../page/import/import-button.tsx')).ImportButton,
}));

/** `/trace/:id`: one trace as a waterfall. */
export default function TraceView({ place }: ViewProps) {
  const id = traceIdField(place.id ?? '');
  useTitle(`Trace ${id.slice(0, 8)}`);
  if (/^(?:[0-9a-f]{16}){1,2}$/.test(id)) return <StoredTrace id={id} place={place} />;
  return (
    <EmptyState title="This is not a trace's id">
      <p>
        An id has 32 hexadecimal digits.{' '}
        <Link isAction to={{ view: 'traces', params: {} }}>
          All traces
        </Link>
      </p>
    </EmptyState>
  );
}
TraceView.params = () => TRACE_PARAMS;

/** The trace with this id, as soon as one of its spans has arrived. */
export function StoredTrace({ id, place }: ViewProps & { id: string }) {
  const state = readTraceState(place);
  const { model, told, absent, error, waiting, reload } = useTrace(id, state);
  return (
    <WithinList id={id} state={state} isShown={model !== undefined}>
      {model !== undefined ? (
        <TraceScreen
          key={id}
          model={model}
          told={told}
          state={state}
          waiting={waiting}
          error={error}
          onReload={reload}
        />
      ) : error !== undefined ? (
        <ErrorState isAll error={error} onRetry={reload} />
      ) : absent ? (
        <AbsentTrace id={id} />
      ) : (
        <Busy what="Reading the trace" rows />
      )}
    </WithinList>
  );
}

/** Shown when no span has arrived. Log lines may have arrived; the view of log lines has them. */
function AbsentTrace({ id }: { id: string }) {
  return (
    <>
      <h1 class="visually-hidden">Trace</h1>
      <EmptyState title="No span of this trace is here yet">
        <p>
          Services send their spans every few seconds: the trace appears by itself as soon as one arrives. The
          store may have dropped an old trace. A file that has it brings it back.
        </p>
        <p>
          <code>{id}</code> ·{' '}
          <Link isAction to={logsOfTrace(id)}>
            Its log lines
          </Link>{' '}
          ·{' '}
          <Link isAction to={{ view: 'traces', params: {} }}>
            All traces
          </Link>
        </p>
        <ImportButton />
      </EmptyState>
    </>
  );
}
