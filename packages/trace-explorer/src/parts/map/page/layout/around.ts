import type { MapCall, MapService, ServiceMap } from '../../server/schemas.ts';
import type { RankedBy } from '../ranked.ts';
import { worseCall } from '../ranked.ts';
import type { MapGraph } from './plan.ts';

export type Side = 'callers' | 'callees';

interface Neighbour {
  readonly service: MapService;
  readonly call: MapCall;
}

/** The callers or the callees of a service. The most failures come first, or the most time. */
export function neighboursOf(
  { services, calls }: ServiceMap,
  name: string,
  side: Side,
  measure: RankedBy,
): Neighbour[] {
  const [end, other] = side === 'callers' ? (['from', 'to'] as const) : (['to', 'from'] as const);
  const byName = new Map(services.map((service) => [service.name, service]));
  const own = calls.filter((call) => call[other] === name).sort(worseCall(measure));
  return own.flatMap((call) => {
    const service = byName.get(call[end]);
    return service === undefined ? [] : [{ service, call }];
  });
}

/** A service between its callers and its callees; one that is both has two boxes. */
export function graphAround(
  center: MapService,
  callers: readonly Neighbour[],
  callees: readonly Neighbour[],
): MapGraph {
  const key = center.name;
  const keyed = (side: Side, { service, call }: Neighbour) => ({
    key: `${side} ${service.name}`,
    service,
    call,
  });
  const [before, after] = [
    callers.map((each) => keyed('callers', each)),
    callees.map((each) => keyed('callees', each)),
  ];
  return {
    isOrdered: true,
    boxes: [{ key, service: center }, ...before, ...after],
    calls: [
      ...before.map((each) => ({ call: each.call, from: each.key, to: key })),
      ...after.map((each) => ({ call: each.call, from: key, to: each.key })),
    ],
  };
}
