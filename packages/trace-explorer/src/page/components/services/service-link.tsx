import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { rangePlace } from '../../../places/shown-range.ts';
import { pageSettings } from '../../browser/settings.ts';
import { ServiceName } from './service-name.tsx';

/** A service's name, which leads to the service's page. A saved trace has no other page. */
export function ServiceLink({ name, range }: { name: string; range?: Range | undefined }) {
  if (pageSettings.saved !== undefined || name === '') return <ServiceName name={name} />;
  return (
    <a class="service-link" href={serviceHref(name, range)}>
      <ServiceName name={name} />
    </a>
  );
}

/** The address of a service's page. */
export function serviceHref(name: string, range?: Range): string {
  return hrefOf({ ...rangePlace('service', range), id: name });
}
