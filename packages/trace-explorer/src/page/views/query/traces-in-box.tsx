import { hrefOf, tracePlace } from '../../../places/place.ts';
import type { Box } from '../../../query/ask/box.ts';
import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Table } from '../../components/table.tsx';
import { formatCount } from '../../format.ts';
import { useLoad } from '../../use-load.ts';
import type { FoundTrace } from './find-trace.ts';
import { tracesIn } from './find-trace.ts';
import { formatField } from './values.ts';

const LIMIT = 200;

/** The traces that have a span in the box. */
export function TracesInBox({ dataset, query, box }: { dataset: string; query: QuerySpecInput; box: Box }) {
  const load = useLoad(
    (signal) => tracesIn(dataset, query, box, { limit: LIMIT, signal }),
    [dataset, JSON.stringify([query, box])],
  );
  return (
    <Loaded load={load} what="Finding the traces">
      {(traces) => <Traces traces={traces} column={box.column} />}
    </Loaded>
  );
}

function Traces({ traces, column }: { traces: readonly FoundTrace[]; column: string }) {
  if (traces.length === 0) return <EmptyState title="No trace has a span in the box" />;
  return (
    <>
      <Table
        caption="Traces in the box, the greatest value first"
        rows={traces}
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
            title: `MAX(${column})`,
            numeric: true,
            cell: ({ greatest }) => formatField(column, greatest),
          },
          { key: 'spans', title: 'Spans in the box', numeric: true, cell: ({ spans }) => formatCount(spans) },
        ]}
      />
      {traces.length === LIMIT && <p class="muted">The first {LIMIT}; a smaller box has fewer.</p>}
    </>
  );
}
