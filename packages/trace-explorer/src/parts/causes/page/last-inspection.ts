import type { CauseRows } from '../../../core/problems/schemas.ts';
import type { Destination } from '../../../page/part.ts';

interface LastInspection {
  /** As *Go to anything* lists them: it never looks into traces itself. */
  causes: readonly Destination[];
  /** The answer, for who comes back to the view, and the path that it answers. */
  found?: CauseRows;
  path?: string;
  /** The same without the number of rows. */
  list?: string;
}

/** The causes that a view of this page has read last. */
export const lastInspection: LastInspection = { causes: [] };
