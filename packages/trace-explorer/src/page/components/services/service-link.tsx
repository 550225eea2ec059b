import { hrefOf } from '../../../places/place.ts';
import { rangePlace, shownRange } from '../../../places/shown-range.ts';
import { placeNow } from '../../browser/router.ts';
import { pageSettings } from '../../browser/settings.ts';
import { ServiceName } from './service-name.tsx';

/**
 * A service's name, which leads to the service's page in the time range that is shown. A saved trace has no other page.
 * @param inGrid whether arrow keys, and not Tab, move through the rows that it stands in
 */
export function ServiceLink({ name, inGrid = false }: { name: string; inGrid?: boolean }) {
  if (pageSettings.saved !== undefined || name === '') return <ServiceName name={name} />;
  return (
    <a
      class="service-link"
      href={serviceHref(name)}
      tabIndex={inGrid ? -1 : undefined}
      // A press on the row around it does something else.
      onClick={(event) => event.stopPropagation()}
    >
      <ServiceName name={name} />
    </a>
  );
}

/** The address of a service's page, in the time range that is shown. */
export function serviceHref(name: string): string {
  return hrefOf({ ...rangePlace('service', shownRange(placeNow())), id: name });
}
