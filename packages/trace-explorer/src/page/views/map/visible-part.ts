import type { MapCall, MapService, ServiceMap } from '../../../map/service-map.ts';

/** Boxes that can be read on one screen, and laid out within a second. */
export const MAX_BOXES = 36;

/** What of the map is drawn. */
export interface VisiblePart {
  readonly services: readonly MapService[];
  readonly calls: readonly MapCall[];
  /** Services and databases that are not drawn, of those that belong to the part. */
  readonly hidden: number;
  /** How many of the hidden ones had errors. */
  readonly hiddenFailing: number;
}

/**
 * The whole map where it is small; else the services with most requests, or the selected one with those that call it and
 * those that it calls.
 */
export function visiblePart({ services, calls }: ServiceMap, selected?: string): VisiblePart {
  const near = selected === undefined ? undefined : neighbours(calls, selected);
  const candidates = services.filter(({ name }) => near === undefined || near.has(name));
  const weight = (service: MapService) =>
    service.name === selected ? Number.POSITIVE_INFINITY : (near?.get(service.name) ?? service.count);
  const sorted = candidates.toSorted((a, b) => weight(b) - weight(a) || (a.name < b.name ? -1 : 1));
  const drawn = new Set(sorted.slice(0, MAX_BOXES).map(({ name }) => name));
  const hidden = sorted.slice(MAX_BOXES);
  return {
    // In the map's own order, so that a layout stays as it was when the numbers change.
    services: services.filter(({ name }) => drawn.has(name)),
    calls: calls.filter(({ from, to }) =>
      selected === undefined
        ? drawn.has(from) && drawn.has(to)
        : drawn.has(from) && drawn.has(to) && (from === selected || to === selected),
    ),
    hidden: hidden.length,
    hiddenFailing: hidden.filter(({ errors }) => errors > 0).length,
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
