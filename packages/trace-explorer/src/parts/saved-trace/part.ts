import type { Part } from '../../core/door/part.ts';

/** A trace as one HTML file that needs no explorer. */
export const part: Part = {
  name: 'saved-trace',
  needs: ['agents', 'trace'],
  script: 'main.tsx',
};
