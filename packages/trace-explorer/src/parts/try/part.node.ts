import type { NodePart } from '../../core/door/node.ts';

/** The part's door for Node. */
export const node = {
  name: 'try',
  connectSrc: ({ apiUrl }) => [apiUrl],
} satisfies NodePart;
