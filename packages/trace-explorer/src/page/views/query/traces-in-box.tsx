import './parts.ts';
import { hrefOf, tracePlace } from '../../../places/place.ts';
import type { Box } from '../../../query/ask/box.ts';
import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { Busy } from '../../components/busy.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Table } from '../../components/table.tsx';
import { formatCount } from '../../format.ts';
import { useLoad } from '../../use-load.ts';
import { tracesIn } from './find-trace.ts';
import { formatField } from './values.ts';

const LIMIT = 200;

/** The traces that have a span in the box. */
export default function TracesInBox({
  dataset,
  query,
  box,
}: {
  dataset: string;
  query: QuerySpecInput;
  box: Box;
}) {
  const { value, error, busy, reload, cancel } = useLoad(
    (signal) => tracesIn(dataset, query, box, { limit: LIMIT, signal }),
    [dataset, JSON.stringify([query, box])],
  );
  if (error !== undefined) return <ErrorState error={error} onRetry={reload} />;
  if (value === undefined) return busy ? <Busy what="Finding the traces" onCancel={cancel} /> : null;
  if (value.length === 0) return <EmptyState title="No trace has a span in the box" />;
  return (
    <>
      <Table
        caption="Traces in the box, the greatest value first"
        rows={value}
        keyOf={({ id }) => id}
        columns={[
          {
            key: 'id',
            title: 'Trace',
            cell: ({ id }) => (
              <a class="mono" href={hrefOf(tracePlace(id))}>
                {id}
              </a>
            ),
          },
          {
            key: 'greatest',
            title: `MAX(${box.column})`,
            numeric: true,
            cell: ({ greatest }) => formatField(box.column, greatest),
          },
          { key: 'spans', title: 'Spans in the box', numeric: true, cell: ({ spans }) => formatCount(spans) },
        ]}
      />
      {value.length === LIMIT && <p class="muted">The first {LIMIT}; a smaller box has fewer.</p>}
    </>
  );
}
