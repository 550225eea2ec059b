import type { NodePart } from '../../core/door/node.ts';

/** The part's door for Node. */
export const node = {
  name: 'web-tracing',
  routes: async () => [(await import('./server/trace-script.ts')).traceScriptRoutes],
  connectSrc: ({ otlpEndpoint }) => [otlpEndpoint],
} satisfies NodePart;
