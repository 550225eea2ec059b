import type { Range } from '../../../core/places/range.ts';
import { isBad } from '../../../core/query/build/bad-share.ts';
import type { CallTraffic, ServiceMap } from '../server/schemas.ts';
import type { DrawingProps } from './drawing.tsx';
import type { layOut } from './layout/lay-out.ts';
import type { RankedBy } from './ranked.ts';

/** A map, and what it is about. */
export interface ShownMap extends Pick<DrawingProps, 'onWide'> {
  readonly map: ServiceMap;
  readonly range: Range;
  readonly measure: RankedBy;
  readonly layOut: typeof layOut;
}

/** Whether so much of a service or a call fails that its share is red. */
export function isHigh({
  errors,
  error_share,
  usual,
}: Pick<CallTraffic, 'errors' | 'error_share' | 'usual'>): boolean {
  return errors > 0 && isBad(error_share, usual);
}
