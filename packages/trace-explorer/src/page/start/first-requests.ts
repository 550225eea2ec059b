import type { Place } from '../../core/places/place.ts';
import type { PageSettings } from '../../lib/page-settings.ts';
import { pageSettings } from '../browser/settings.ts';
import { shownParts } from '../shown-parts.ts';

declare module '../part.ts' {
  interface PagePart {
    /** The view that sends a first request for a person, where the page's settings have somebody to ask. */
    readonly firstRequest?: Action<PageSettings>;
  }
}

/** The views of the parts that send a first request, by their titles. */
export function firstRequests(): readonly { readonly label: string; readonly place: Place }[] {
  return shownParts().flatMap(({ firstRequest }) => {
    const place = firstRequest?.place(pageSettings);
    return firstRequest === undefined || place === undefined ? [] : { label: firstRequest.label, place };
  });
}
