import type { Range } from '../../../core/places/range.ts';
import { secondsOf } from '../../../core/places/shown-range.ts';
import { FAILED } from '../../../core/query/build/failed-spans.ts';
import { IS_REQUEST, SPANS } from '../../../core/query/build/scope.ts';
import { BAD_SHARE, ENOUGH, isBad } from '../../../page/api/failed-text.ts';
import { sendQuery } from '../../../page/api/send-query.ts';
import { useLoad } from '../../../page/api/use-load.ts';
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

/** Reads the usual shares, of the range of equal length before, when a service fails so seldom that they decide. */
export function useIsHigh(range: Range, services: readonly (CallTraffic & { name: string })[]): IsHigh {
  const isNeeded = services.some(({ errors, error_share }) => errors > 0 && error_share <= BAD_SHARE);
  const { value } = useLoad(
    async (signal) => (isNeeded ? readUsual(range, signal) : undefined),
    [isNeeded, JSON.stringify(range)],
  );
  return (service, { errors, error_share }) => errors > 0 && isBad(error_share, value?.get(service));
}

async function readUsual(range: Range, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const before = await timesBefore(range, signal);
  if (before === undefined) return new Map();
  const { results } = await sendQuery(
    '__all__',
    {
      calculated_fields: [IS_REQUEST.field],
      calculations: [
        { op: 'COUNT', name: 'count' },
        { op: 'COUNT', name: 'errors', filters: [...FAILED] },
      ],
      filters: [SPANS, IS_REQUEST.filter],
      breakdowns: ['service.name'],
      ...before,
      limit: 1000,
    },
    { series: false, signal },
  );
  return new Map(
    results.flatMap(({ data }) => {
      const count = Number(data.count);
      return count < ENOUGH
        ? []
        : [[String(data['service.name']), Number(data.errors ?? 0) / count] as const];
    }),
  );
}

/** The times of equal length before a range, in seconds; undefined unless the store goes back to their beginning. */
async function timesBefore(
  range: Range,
  signal: AbortSignal,
): Promise<{ start_time: number; end_time: number } | undefined> {
  const seconds = secondsOf(range);
  const end_time = typeof range === 'number' ? Math.floor(Date.now() / 1000) - seconds : range.start_time;
  const start_time = end_time - seconds;
  const older = { calculations: [{ op: 'COUNT', name: 'count' } as const], filters: [SPANS] };
  const { results } = await sendQuery(
    '__all__',
    { ...older, start_time: 0, end_time: start_time },
    { series: false, signal },
  );
  return Number(results[0]?.data.count ?? 0) > 0 ? { start_time, end_time } : undefined;
}
