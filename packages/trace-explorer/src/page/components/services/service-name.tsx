import { hrefOf } from '../../../core/places/place.ts';
import { DATABASE_COLOR } from '../../../core/places/service-color.ts';
import { rangePlace, shownRange } from '../../../core/places/shown-range.ts';
import { visibleName } from '../../../lib/text/harmless-text.ts';
import { placeNow } from '../../browser/router.ts';
import { pageSettings } from '../../browser/settings.ts';
import { CutLabel } from '../cut-label.tsx';
import { hasHollowMark, serviceNames, useServiceColor } from './service-colors.ts';

declare module '../../../core/places/views.ts' {
  interface ViewNames {
    service: true;
  }
}

export interface ServiceNameProps {
  readonly name: string;
  readonly type?: 'service' | 'database' | undefined;
}

/** A service's name behind a square of its colour. A long name is cut where it is like those of other services. */
export function ServiceName(props: ServiceNameProps) {
  return <span class="service-name">{parts(props)}</span>;
}

function parts({ name, type }: ServiceNameProps) {
  return (
    <>
      <ServiceMark name={name} type={type} />
      <CutLabel text={name} all={serviceNames()} />
    </>
  );
}

/** A square of a service's colour; hollow where another service had the hue before. */
export function ServiceMark({ name, type = 'service' }: ServiceNameProps) {
  const colorOf = useServiceColor();
  const color = type === 'database' ? DATABASE_COLOR : colorOf(name);
  const isOther = type === 'service' && hasHollowMark(name);
  return (
    <span
      class={isOther ? 'service-mark hollow' : 'service-mark'}
      style={{ '--own': color }}
      aria-hidden="true"
    />
  );
}

/**
 * A service's name, which leads to the service's page in the time range that is shown. Databases have no page, and a saved trace
 * has no other.
 * @param inGrid whether arrow keys, and not Tab, move through the rows that it stands in
 */
export function ServiceLink({ name, type, inGrid }: ServiceNameProps & { readonly inGrid?: boolean }) {
  const href = serviceHref(name);
  if (pageSettings.saved !== undefined || name === '' || type === 'database' || href === undefined)
    return <ServiceName name={name} type={type} />;
  return (
    <a
      class="service-link service-name quiet"
      href={href}
      // The parts of a long name are one word.
      aria-label={visibleName(name)}
      tabIndex={inGrid ? -1 : undefined}
      // A press on the row around it does something else.
      onClick={(event) => event.stopPropagation()}
    >
      {parts({ name, type })}
    </a>
  );
}

/** The address of a service's page, in the time range that is shown; undefined as of hrefOf. */
export function serviceHref(name: string): string | undefined {
  return hrefOf({ ...rangePlace('service', shownRange(placeNow())), id: name });
}
