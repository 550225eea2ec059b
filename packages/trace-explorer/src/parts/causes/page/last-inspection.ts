import type { Destination } from '../../../page/part.ts';

/** The causes that a view of this page has read last, as *Go to anything* lists them: it never looks into traces itself. */
export const lastInspection: { causes: readonly Destination[] } = { causes: [] };
