import type { Causes } from '../../../core/problems/schemas.ts';
import type { Destination } from '../../../page/part.ts';

interface LastInspection {
  /** As *Go to anything* lists them: it never looks into traces itself. */
  causes: readonly Destination[];
  /** The answer, for who comes back to the view, and the path that it answers. */
  found?: Causes;
  path?: string;
}

/** The causes that a view of this page has read last. */
export const lastInspection: LastInspection = { causes: [] };
