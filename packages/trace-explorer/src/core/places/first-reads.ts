import type { Place } from './place.ts';
import type { ViewName } from './views.ts';

/** By view, its first request: a path of the API. Undefined: none for this place. */
export type FirstReads = Readonly<Partial<Record<ViewName, (place: Place) => string | undefined>>>;
