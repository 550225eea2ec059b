import type { Range } from '../../../core/places/range.ts';
import { FAILED } from '../../../core/query/build/failed-spans.ts';
import { IS_REQUEST, SPANS } from '../../../core/query/build/scope.ts';
import { BAD_SHARE, ENOUGH, isBad } from '../../../page/api/failed-text.ts';
import { sendQuery } from '../../../page/api/send-query.ts';
import { timesBefore } from '../../../page/api/times-before.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { CallTraffic } from '../server/schemas.ts';

/** Whether more calls failed than a person has to bear with: more than 1 %, or twice the usual share. */
export type IsHigh = (service: string, traffic: Pick<CallTraffic, 'errors' | 'error_share'>) => boolean;

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
