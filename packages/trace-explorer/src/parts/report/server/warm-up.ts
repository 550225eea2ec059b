import { isWorthSaying } from '../../../core/traces/findings/words.ts';
import { lengthOfAll, stallsOf } from '../../../core/traces/model/stalls.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import type { SeenCause } from './cause-sights.ts';

/** A time of a process, in nanoseconds since the epoch, as exact as a double tells them. */
export interface ProcessTime {
  readonly service: string;
  readonly from: number;
  readonly until: number;
}

/** When a span ran. */
export function timeOf(model: TraceModel, index: number): ProcessTime {
  const from = Number(model.start) + (model.offset[index] ?? 0);
  return { service: model.service(index), from, until: from + (model.length[index] ?? 0) };
}

/** When the process of a span stood still meanwhile. */
export function stallsAt(model: TraceModel, index: number): readonly ProcessTime[] {
  const [start, service] = [Number(model.start), model.service(index)];
  return stallsOf(model, index).map(({ from, until }) => ({
    service,
    from: start + from,
    until: start + until,
  }));
}

/**
 * Counts requests as first ones, too, which stood still while the first request of another route ran: what it compiles and connects
 * keeps all requests of its process waiting.
 * @param firsts the first requests of all routes
 */
export function markWarmUp(causes: Iterable<SeenCause>, firsts: readonly ProcessTime[]): void {
  const byService = Map.groupBy(firsts, ({ service }) => service);
  const isWarm = (stall: ProcessTime) =>
    byService.get(stall.service)?.some(({ from, until }) => from < stall.until && stall.from < until);
  for (const { sights } of causes)
    for (const [at, sight] of sights.entries()) {
      if (sight.isFirst || !sight.stalls.some(isWarm)) continue;
      const rest = lengthOfAll(sight.stalls.filter((stall) => !isWarm(stall)));
      if (!isWorthSaying(rest, 0)) sights[at] = { ...sight, isFirst: true };
    }
}
