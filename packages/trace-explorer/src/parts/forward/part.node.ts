import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  settings: async () => (await import('./server/forward-settings.ts')).forwardSettings,
  tee: async (config, logger) =>
    config.forward && (await import('./server/start-tee.ts')).startTee(config, config.forward, logger),
  routes: async () => [(await import('./server/metrics-route.ts')).forwardMetrics],
  status: async () => (await import('./server/forward-status.ts')).forwardRow,
} satisfies NodePart;
