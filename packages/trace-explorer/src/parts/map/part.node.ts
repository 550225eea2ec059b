import type { NodePart } from '../../core/door/node.ts';
import { shownRange, timedPath, USUAL_SECONDS } from '../../core/places/shown-range.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  firstReads: { map: (place) => timedPath('/api/map', shownRange(place) ?? USUAL_SECONDS) },
  routes: async () => [(await import('./server/routes.ts')).mapRoute],
  tools: async () => [(await import('./tools/service-map.ts')).getServiceMap],
} satisfies NodePart;
