import { traceIdField } from '../../../core/shared/trace-id.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { Link } from '../../../page/components/link.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { StoredTrace } from './stored-trace.tsx';

/** `/trace/:id`: one trace as a waterfall. */
export default function TraceView({ place }: ViewProps) {
  const id = traceIdField(place.id ?? '');
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
