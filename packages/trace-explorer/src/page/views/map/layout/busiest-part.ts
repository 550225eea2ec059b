import type { ServiceMap } from '../../../../map/schemas.ts';

/** Most boxes, and most lines, that a person can follow on a screen. */
export const MAX_BOXES = 40;
export const MAX_CALLS = 80;

/** The services of a map along its busiest calls, as many as can be drawn together. The tables have all. */
export function busiestPart({ services, calls }: ServiceMap) {
  const names = services.length > MAX_BOXES ? connected(calls) : new Set(services.map(({ name }) => name));
  const between = calls.filter(({ from, to }) => names.has(from) && names.has(to));
  const busiest = new Set(between.toSorted((a, b) => b.count - a.count).slice(0, MAX_CALLS));
  return {
    // In the map's order, so that the drawing is stable when numbers change.
    services: services.filter(({ name }) => names.has(name)),
    calls: between.filter((call) => busiest.has(call)),
    /** Services and databases that are not drawn; lines that are not drawn. */
    hidden: services.length - names.size,
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
