import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/routes.ts')).verifyRoutes],
  commands: {
    verify: {
      usage: 'verify',
      does: 'whether the telemetry is right: a score by service, and what mends it',
      order: 8,
      load: async () => (await import('./command/verify.ts')).verifyCommand,
    },
  },
  tools: [{ order: 9, load: async () => [(await import('./tools/verify.ts')).verifyTelemetry] }],
} satisfies NodePart;
