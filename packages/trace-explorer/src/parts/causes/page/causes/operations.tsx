import type { Cause } from '../../../../core/problems/schemas.ts';
import { Card } from '../../../../page/components/cards/card.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { counted } from '../../../../page/values/format.ts';

const COLUMNS = { '--columns': 'auto minmax(0, 1fr) auto' };

type Operation = Cause['routes'][number] & { readonly traces?: number };

/** Operations of services, each with the number of its traces where it is known. */
export function Operations({ title, of }: { title: string; of: readonly Operation[] }) {
  if (of.length === 0) return null;
  return (
    <Card title={title}>
      <ul class="lined" style={COLUMNS}>
        {of.map(({ service, name, traces }) => (
          <li key={`${service} ${name}`} class="parts">
            <ServiceLink name={service} />{' '}
            <bdi class="ellipsis" title={name}>
              {name}
            </bdi>{' '}
            <span class="faint">{traces !== undefined && counted(traces, 'trace')}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
