import type { NodePart } from '../../core/door/node.ts';
import { traceParams, tracesPath } from '../../core/places/trace-paths.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  firstReads: {
    // `last` counts back from the browser's clock.
    traces: ({ params }) =>
      params.last === undefined && params.pages === undefined ? tracesPath(traceParams(params)) : undefined,
  },
} satisfies NodePart;
