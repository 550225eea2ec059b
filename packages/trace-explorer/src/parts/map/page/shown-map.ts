import type { Range } from '../../../core/places/range.ts';
import { isBad } from '../../../page/api/failed-text.ts';
import type { CallTraffic, ServiceMap } from '../server/schemas.ts';
import type { DrawingProps } from './drawing.tsx';
import type { RankedBy } from './ranked.ts';

/** Whether more calls failed than a person has to bear with: more than 1 %, or twice the usual share. */
export type IsHigh = (service: string, traffic: Pick<CallTraffic, 'errors' | 'error_share'>) => boolean;

/** A map, and what it is about. */
export interface ShownMap extends Pick<DrawingProps, 'onWide'> {
  readonly map: ServiceMap;
  readonly range: Range;
  readonly measure: RankedBy;
  /** Whether so much of a service or a call fails that its share is red. */
  readonly isHigh: IsHigh;
}

/** The rule of red by the usual shares of a map's services. */
export function isHighIn({ services }: Pick<ServiceMap, 'services'>): IsHigh {
  const usual = new Map(
    services.map(({ type, name, usual_error_share: share }) => [`${type} ${name}`, share]),
  );
  return (service, { errors, error_share }) =>
    errors > 0 && isBad(error_share, usual.get(`service ${service}`));
}
