import type { Part } from '../../core/door/part.ts';
import type {} from '../../core/page-server/part-script.ts';

/**
 * Begins traces in the browser: the script `/trace.js` for any page of this machine, and the spans of the
 * explorer's own page. It is for whoever asks how long a person waited. The script has at most 5 KB. Without it
 * a trace begins at the first server.
 */
export const part: Part = {
  name: 'web-tracing',
  script: 'main.ts',
};
