import type { Range } from '../../../core/places/range.ts';
import { rangePlace, secondsOf, timedPath } from '../../../core/places/shown-range.ts';
import { isBad } from '../../../core/query/build/bad-share.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { figureColumns } from '../../../page/components/figure-columns.tsx';
import { Link } from '../../../page/components/link.tsx';
import { ListedTable } from '../../../page/components/listed-table.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import type { RequestFigures } from '../server/schemas.ts';

type Call = RequestFigures & { readonly from: string; readonly to: string; readonly usual?: number };

/** What the explorer's map tells of calls; the part that answers may have been left out. */
interface CallMap {
  readonly services: readonly { readonly name: string; readonly type: 'service' | 'database' }[];
  readonly calls: readonly Call[];
}

/** Its callers, and its callees: the end of their calls that is not the service itself. */
const SIDES = [
  { title: 'Callers', none: 'No service calls it in this time.', end: 'from', own: 'to' },
  { title: 'Callees', none: 'It calls nothing in this time.', end: 'to', own: 'from' },
] as const;

/** Who calls a service, and whom it calls. */
export default function Neighbours({ service, range }: { service: string; range: Range }) {
  const load = useJson<CallMap>(timedPath('/api/map', range));
  return (
    <Loaded load={load} what="Reading who calls whom">
      {({ services, calls }) => (
        <div class="columns cards split">
          {SIDES.map(({ title, none, end, own }) => (
            <Card
              key={title}
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
                rows={calls.filter((call) => call[own] === service)}
                keyOf={(call) => call[end]}
                by="count"
                columns={[
                  {
                    title: 'Service',
                    value: (call) => call[end],
                    cell: (call) => (
                      <ServiceLink
                        name={call[end]}
                        type={services.findLast(({ name }) => name === call[end])?.type ?? 'service'}
                      />
                    ),
                  },
                  ...figureColumns<Call>(['p95', 'errors', 'count'], {
                    counted: 'Calls',
                    seconds: secondsOf(range),
                    failed: (call, text) => (
                      <span class={isBad(call.errors / call.count, call.usual) ? 'error-text' : undefined}>
                        {text}
                      </span>
                    ),
                  }),
                ]}
              />
            </Card>
          ))}
        </div>
      )}
    </Loaded>
  );
}
