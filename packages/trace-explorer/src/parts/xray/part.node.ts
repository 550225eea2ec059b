import type { NodePart } from '../../core/door/node.ts';
import { part } from './part.ts';

/** The part's door for Node. */
export const node = {
  part,
  spanForms: {
    xray: {
      name: 'an AWS X-Ray segment document',
      load: async () => (await import('./server/xray/segment.ts')).xrayForm,
    },
  },
} satisfies NodePart;
