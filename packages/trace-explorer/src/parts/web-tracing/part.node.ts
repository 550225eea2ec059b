import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  routes: async () => [(await import('./server/trace-script.ts')).traceScriptRoutes],
  connectSrc: ({ otlpEndpoint }) => [otlpEndpoint],
} satisfies NodePart;
