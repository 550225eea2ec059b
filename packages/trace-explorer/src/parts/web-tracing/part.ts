import type { Part } from '../../core/door/part.ts';

/** Spans of a browser: the script /trace.js for any page of this machine, and the spans of the explorer's own page. */
export const part: Part = {
  name: 'web-tracing',
  script: 'main.ts',
};
