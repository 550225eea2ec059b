import { visibleName } from '../../../lib/text/harmless-text.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { ListedTable } from '../../../page/components/listed-table.tsx';
import { counted, formatCount, formatDuration, formatTime } from '../../../page/values/format.ts';
import type { Overview } from '../server/schemas.ts';

type Counted = NonNullable<Overview['counted']>;
type Route = Counted['routes'][number];

/** What an engine counted, and which of its traces are here: the one place that says so. These figures are no estimates. */
export default function CountedCard({ of }: { readonly of: Counted }) {
  const { name, start, end, traces, spans, pulled, where, part, routes, more_routes } = of;
  return (
    <Card class="card columns" title="Counted by the engine">
      <p class="inset muted">
        {formatCount(pulled)} of {counted(traces, 'trace')}
        {where === undefined ? '' : where.replace(/^traces/, '')} with {counted(spans, 'span')} of{' '}
        {visibleName(name)}, {formatTime(1000 * start)} to {formatTime(1000 * end)}, chosen by error, duration
        and route. The figures below are exact. All others are estimates from the chosen traces; what these
        lack may be in the others.
        {part !== undefined && ` The pull is a part: ${part}.`}
        {more_routes > 0 && ` ${counted(more_routes, 'route')} with fewer requests are left out.`}
      </p>
      <ListedTable<Route>
        caption="Requests by where their trace begins"
        rows={routes}
        keyOf={({ service, name }) => JSON.stringify([service, name])}
        by="Requests"
        columns={[
          {
            title: 'Begins at',
            value: placeOf,
            cell: (route) => <bdi>{visibleName(placeOf(route))}</bdi>,
          },
          column('Requests', ({ requests }) => requests, formatCount),
          column('Failed', ({ errors }) => errors, formatCount),
          column('P50', ({ p50_ms }) => p50_ms, formatDuration),
          column('P90', ({ p90_ms }) => p90_ms, formatDuration),
          column('P99', ({ p99_ms }) => p99_ms, formatDuration),
        ]}
      />
    </Card>
  );
}

function placeOf({ service, name }: Route): string {
  return `${service} ${name}`;
}

function column(title: string, value: (route: Route) => number, text: (value: number) => string) {
  return { title, numeric: true, value, cell: (route: Route) => text(value(route)) };
}
