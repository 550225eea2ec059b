import type { TimeInterval } from '../../lib/time/time-range.ts';
import { ENOUGH, needsUsual } from '../query/build/bad-share.ts';
import type { SpanStore } from '../store/store.ts';
import type { RangeOptions } from '../traces/read/spans-in-range.ts';
import { spansInRange } from '../traces/read/spans-in-range.ts';
import { rangeBefore } from './range-before.ts';

/** Requests of a service, or of a route of it: their number, and how many failed. */
interface Failing {
  readonly service: string;
  /** The route; undefined for all of the service. */
  readonly name?: string;
  readonly count: number;
  readonly errors: number;
}

/**
 * The usual shares of failed requests: those of the range of equal length before, where it is stored and has enough requests. They
 * are read only when they decide what is red.
 */
export async function readUsualShares(
  store: SpanStore,
  range: TimeInterval,
  rows: readonly Failing[],
  options: RangeOptions,
): Promise<(row: Pick<Failing, 'service' | 'name'>) => { usual?: number }> {
  const isNeeded = rows.some(({ errors, count }) => needsUsual(errors, count));
  const before = isNeeded ? await rangeBefore(store, range, options) : undefined;
  if (before === undefined) return () => ({});
  const { requests, read } = await spansInRange(store, before, { ...options, share: 'none' });
  const shares = await read(
    `SELECT service, name, coalesce(sum(weight) FILTER (error), 0) / sum(weight) FROM
      (SELECT service, unnest([NULL, coalesce(name, '')]) AS name, error, weight FROM s)
    GROUP BY ALL HAVING count(*) >= ${ENOUGH}`,
    ...requests,
  );
  const usual = new Map(shares.map(([service, name, share]) => [routeKey(service, name), Number(share)]));
  return ({ service, name }) => {
    const share = usual.get(routeKey(service, name));
    return share === undefined ? {} : { usual: share };
  };
}

function routeKey(service: unknown, name: unknown = null): string {
  return JSON.stringify([service, name]);
}
