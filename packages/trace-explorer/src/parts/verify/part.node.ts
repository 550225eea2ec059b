import type { NodePart } from '../../core/door/node.ts';
import { shownRange, timedPath, USUAL_SECONDS } from '../../core/places/shown-range.ts';
import commands from './commands.json' with { type: 'json' };
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  firstReads: {
    verify: (place) =>
      timedPath('/api/verify', shownRange(place) ?? USUAL_SECONDS, { service: place.params.service }),
  },
  routes: async () => [(await import('./server/routes.ts')).verifyRoutes],
  commands: {
    verify: {
      ...commands.verify,
      load: async () => (await import('./command/verify.ts')).verifyCommand,
    },
  },
  tools: async () => [(await import('./tools/verify.ts')).verifyTelemetry],
} satisfies NodePart;
