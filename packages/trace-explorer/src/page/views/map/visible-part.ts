import type { MapCall, MapService, ServiceMap } from '../../../map/service-map.ts';
import type { MapGroup } from './groups.ts';
import { callsBetween, groupServices } from './groups.ts';

/** Boxes that can be read on one screen, and laid out within a second. */
export const MAX_BOXES = 36;
/** Lines between groups: with more of them none can be followed. */
export const MAX_LINES = 72;

/** What of the map is drawn. */
export interface VisiblePart {
  readonly boxes: readonly (MapService | MapGroup)[];
  readonly calls: readonly MapCall[];
  /** Services and databases that are not drawn, of those that belong to the part. */
  readonly hidden: number;
  /** How many of the hidden ones had errors. */
  readonly hiddenFailing: number;
  /** Lines between boxes that are not drawn. */
  readonly hiddenLines: number;
}

/**
 * The whole map where it is small; of a large one groups, some of them unfolded, or the selected service with those that
 * call it and those that it calls.
 */
export function visiblePart(
  map: ServiceMap,
  { selected, unfolded = new Set() }: { selected?: string | undefined; unfolded?: ReadonlySet<string> } = {},
): VisiblePart {
  if (selected !== undefined) return around(map, selected);
  if (map.services.length <= MAX_BOXES) {
    return { boxes: map.services, calls: map.calls, hidden: 0, hiddenFailing: 0, hiddenLines: 0 };
  }
  const boxes = groupServices(map.services, unfolded, MAX_BOXES);
  const all = callsBetween(boxes, map);
  const calls = busiest(all);
  return { boxes, calls, hidden: 0, hiddenFailing: 0, hiddenLines: all.length - calls.length };
}

/** For each box the lines with most calls to it and from it, so that none stands alone; then those with most calls. */
function busiest(all: readonly MapCall[]): readonly MapCall[] {
  if (all.length <= MAX_LINES) return all;
  const sorted = all.toSorted((a, b) => b.count - a.count);
  const [reached, calling] = [new Set<string>(), new Set<string>()];
  const first = sorted.filter(({ from, to }) => {
    const isFirst = !reached.has(to) || !calling.has(from);
    reached.add(to);
    calling.add(from);
    return isFirst;
  });
  const drawn = new Set([...new Set([...first, ...sorted])].slice(0, MAX_LINES));
  // In the map's own order, so that a layout stays as it was when the numbers change.
  return all.filter((call) => drawn.has(call));
}

function around({ services, calls }: ServiceMap, selected: string): VisiblePart {
  const near = neighbours(calls, selected);
  const candidates = services.filter(({ name }) => near.has(name));
  const weight = ({ name }: MapService) =>
    name === selected ? Number.POSITIVE_INFINITY : (near.get(name) ?? 0);
  const sorted = candidates.toSorted((a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : 1));
  const drawn = new Set(sorted.slice(0, MAX_BOXES).map(({ name }) => name));
  const hidden = sorted.slice(MAX_BOXES);
  return {
    boxes: services.filter(({ name }) => drawn.has(name)),
    calls: calls.filter(
      ({ from, to }) => drawn.has(from) && drawn.has(to) && (from === selected || to === selected),
    ),
    hidden: hidden.length,
    hiddenFailing: hidden.filter(({ errors }) => errors > 0).length,
    hiddenLines: 0,
  };
}

/** The service itself and whoever calls it or is called by it, with the number of those calls. */
function neighbours(calls: readonly MapCall[], selected: string): ReadonlyMap<string, number> {
  const found = new Map([[selected, 0]]);
  for (const { from, to, count } of calls) {
    if (from === selected) found.set(to, (found.get(to) ?? 0) + count);
    if (to === selected) found.set(from, (found.get(from) ?? 0) + count);
  }
  return found;
}
