import '../../common.ts';
import { useLayoutEffect } from 'preact/hooks';
import type { Place } from '../../../places/place.ts';
import { traceIdField } from '../../../shared/trace-id.ts';
import { EmptyState } from '../../components/states/empty-state.tsx';
import { previousPlace, setParams } from '../../shell/router.ts';
import type { ViewProps } from '../../shell/views.ts';
import { UNFILTERED } from './list/use-origin-list.ts';
import { StoredTrace } from './stored-trace.tsx';

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

/** A trace that is opened from a list keeps the list's params in its own URL, so that the URL can be shared and reloaded. */
function useOrigin(place: Place): void {
  useLayoutEffect(() => {
    const origin = previousPlace();
    if (origin?.view !== 'traces' || place.params.from !== undefined) return;
    const from = new URLSearchParams(origin.params).toString() || UNFILTERED;
    setParams({ from }, { replace: true });
  }, [place.id]);
}
