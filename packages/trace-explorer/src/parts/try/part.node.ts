import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  connectSrc: ({ apiUrl }) => [apiUrl],
} satisfies NodePart;
