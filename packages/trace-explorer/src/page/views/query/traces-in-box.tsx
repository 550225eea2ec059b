import { Busy } from '../../client/components/busy.tsx';
import { EmptyState } from '../../client/components/empty-state.tsx';
import { ErrorState } from '../../client/components/error-state.tsx';
import { Table } from '../../client/components/table.tsx';
import { formatCount } from '../../client/format.ts';
import { hrefOf, tracePlace } from '../../client/place.ts';
import type { QuerySpecInput } from '../../client/query-input.ts';
import { useLoad } from '../../client/use-load.ts';
import { tracesIn } from './find-trace.ts';
import type { Box } from './query-place.ts';
import { formatField } from './values.ts';

const limit = 200;

/** The traces that have a span in the box. */
export function TracesInBox({ dataset, query, box }: { dataset: string; query: QuerySpecInput; box: Box }) {
  const { value, error, busy, reload, cancel } = useLoad(
    (signal) => tracesIn(dataset, query, box, { limit, signal }),
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
      {value.length === limit && <p class="muted">The first {limit}; a smaller box has fewer.</p>}
    </>
  );
}
