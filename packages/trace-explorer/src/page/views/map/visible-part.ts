import type { MapService, ServiceMap } from '../../../map/service-map.ts';

/** Most boxes, and most lines, that a person can follow on a screen. */
export const MAX_BOXES = 40;
export const MAX_LINES = 80;

/** The drawn services and calls of the map. The tables have all of them. */
export type VisiblePart = ReturnType<typeof visiblePart>;

/** The whole map, or the selected service with its callers and its callees. */
export function visiblePart({ services, calls }: ServiceMap, selected?: string) {
  const wanted = calls.filter(
    ({ from, to }) => selected === undefined || from === selected || to === selected,
  );
  const near = new Map<string, number>(selected === undefined ? [] : [[selected, Number.POSITIVE_INFINITY]]);
  for (const { from, to, count } of wanted)
    for (const name of [from, to]) near.set(name, (near.get(name) ?? 0) + count);
  const weight = ({ name, count }: MapService) => (selected === undefined ? count : (near.get(name) ?? 0));
  const part = services.filter(({ name }) => selected === undefined || near.has(name));
  const sorted = part.toSorted((a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : 1));
  const isWhole = selected === undefined && sorted.length > MAX_BOXES;
  const names = isWhole ? connected(calls) : new Set(sorted.slice(0, MAX_BOXES).map(({ name }) => name));
  const between = wanted.filter(({ from, to }) => names.has(from) && names.has(to));
  const busiest = new Set(between.toSorted((a, b) => b.count - a.count).slice(0, MAX_LINES));
  return {
    // In the map's order, so that the drawing is stable when numbers change.
    services: services.filter(({ name }) => names.has(name)),
    calls: between.filter((call) => busiest.has(call)),
    /** Services and databases of the part that are not drawn; lines that are not drawn. */
    hidden: sorted.length - names.size,
    hiddenCalls: between.length - busiest.size,
  };
}

/**
 * Services along the busiest calls: the busiest call, then the busiest that begins or ends at a service that is there, and so on.
 * A part of the map is drawn with its lines this way, and not as boxes that nothing connects.
 */
function connected(calls: ServiceMap['calls']): ReadonlySet<string> {
  const names = new Set<string>();
  let waiting = calls.toSorted((a, b) => b.count - a.count);
  while (waiting.length > 0 && names.size < MAX_BOXES) {
    const next = waiting.find(({ from, to }) => names.has(from) || names.has(to)) ?? waiting[0];
    const more = new Set(next && [next.from, next.to].filter((name) => !names.has(name)));
    if (names.size + more.size <= MAX_BOXES) for (const name of more) names.add(name);
    waiting = waiting.filter((call) => call !== next && !(names.has(call.from) && names.has(call.to)));
  }
  return names;
}
