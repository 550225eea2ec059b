import type { NodePart } from '../../core/door/node.ts';
import { shownRange, timedPath, USUAL_SECONDS } from '../../core/places/shown-range.ts';

/** The part's door for Node. */
export const node = {
  name: 'overview',
  firstReads: { overview: (place) => timedPath('/api/overview', shownRange(place) ?? USUAL_SECONDS) },
  routes: async () => [(await import('./server/routes.ts')).overviewRoutes],
} satisfies NodePart;
