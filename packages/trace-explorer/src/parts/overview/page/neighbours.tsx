import type { Range } from '../../../core/places/range.ts';
import { rangePlace, secondsOf, timedPath } from '../../../core/places/shown-range.ts';
import { isBad } from '../../../page/api/failed-text.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { figureColumns } from '../../../page/components/figure-columns.tsx';
import { Link } from '../../../page/components/link.tsx';
import { ListedTable } from '../../../page/components/listed-table.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import type { RequestFigures } from '../server/schemas.ts';

type Call = RequestFigures & { readonly from: string; readonly to: string };

/** What the explorer's map tells of calls; the part that answers may have been left out. */
interface CallMap {
  readonly services: readonly { readonly name: string; readonly type: 'service' | 'database' }[];
  readonly calls: readonly Call[];
}

/** Who calls a service, and whom it calls. */
export default function Neighbours({ service, range }: { service: string; range: Range }) {
  const load = useJson<CallMap>(timedPath('/api/map', range));
  return (
    <Loaded load={load} what="Reading who calls whom">
      {({ services, calls }) => {
        const types = new Map(services.map(({ name, type }) => [name, type]));
        const list = (title: string, none: string, rows: readonly Call[], end: 'from' | 'to') => (
          <Card
            title={title}
            isTable
            tools={
              <Link isAction class="quiet muted" to={rangePlace('map', range, { service })}>
                On the map
              </Link>
            }
          >
            <ListedTable<Call>
              caption={title}
              none={none}
              rows={rows}
              keyOf={(call) => call[end]}
              by="count"
              columns={[
                {
                  title: 'Service',
                  value: (call) => call[end],
                  cell: (call) => <ServiceLink name={call[end]} type={types.get(call[end]) ?? 'service'} />,
                },
                ...figureColumns<Call>(['p95', 'errors', 'count'], {
                  counted: 'Calls',
                  seconds: secondsOf(range),
                  failed: (call, text) => (
                    <span class={isBad(call.errors / call.count) ? 'error-text' : undefined}>{text}</span>
                  ),
                }),
              ]}
            />
          </Card>
        );
        return (
          <div class="columns cards split">
            {list(
              'Callers',
              'No service calls it in this time.',
              calls.filter(({ to }) => to === service),
              'from',
            )}
            {list(
              'Callees',
              'It calls nothing in this time.',
              calls.filter(({ from }) => from === service),
              'to',
            )}
          </div>
        );
      }}
    </Loaded>
  );
}
