import type { NodePart } from '../../core/door/node.ts';
import type { Place } from '../../core/places/place.ts';
import { shownRange, timedPath, USUAL_SECONDS } from '../../core/places/shown-range.ts';
import { part } from './part.ts';

function figuresPath(place: Place): string {
  return timedPath('/api/overview', shownRange(place) ?? USUAL_SECONDS, { service: place.id });
}

/** The part's door for Node. */
export const node = {
  part,
  firstReads: { overview: figuresPath, service: figuresPath },
  routes: async () => [(await import('./server/routes.ts')).overviewRoutes],
} satisfies NodePart;
