import type { Status } from '../../../core/status.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { Table } from '../../../page/components/table.tsx';
import { formatCount } from '../../../page/values/format.ts';

/** What was sent on, and why something was not. */
export default function PipelineSection({ status: { forward } }: { readonly status: Status }) {
  if (forward === undefined) return null;
  const { to, traces, logs, metrics, problems } = forward;
  const rows = [
    { items: 'Spans', ...traces },
    { items: 'Log lines', ...logs },
    { items: 'Requests of metrics', ...metrics },
  ].filter(({ taken, forwarded, waiting }) => taken + forwarded + waiting > 0);
  return (
    <section class="column" aria-label="Sent on">
      <p>
        Sent on to <code>{to}</code> since the start{rows.length === 0 && ': nothing yet'}
      </p>
      {problems.map((problem) => (
        <p key={problem} class="error-text strip">
          <Icon name="alert" />
          {problem}
        </p>
      ))}
      {rows.length > 0 && (
        <Table
          caption="What was sent on"
          rows={rows}
          keyOf={({ items }) => items}
          columns={[
            { title: 'Items', cell: ({ items }) => items },
            { title: 'Taken', numeric: true, cell: ({ taken }) => formatCount(taken) },
            { title: 'Sent on', numeric: true, cell: ({ forwarded }) => formatCount(forwarded) },
            { title: 'Waiting', numeric: true, cell: ({ waiting }) => formatCount(waiting) },
            { title: 'Refused there', numeric: true, cell: ({ refused }) => formatCount(refused) },
            { title: 'Dropped', numeric: true, cell: ({ dropped }) => formatCount(dropped) },
          ]}
        />
      )}
    </section>
  );
}
