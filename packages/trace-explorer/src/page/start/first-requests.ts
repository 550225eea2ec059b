import type { PageSettings } from '../../core/places/page-settings.ts';
import type { Place } from '../../core/places/place.ts';
import { pageSettings } from '../browser/settings.ts';
import { shownParts } from '../shown-parts.ts';

declare module '../part.ts' {
  interface PagePart {
    /** The view that sends a first request for a person, where the page's settings have somebody to ask. */
    readonly firstRequest?: Action<PageSettings> & {
      /** The address of a request that changes nothing; undefined where nobody knows one. */
      url(signal: AbortSignal): Promise<string | undefined>;
    };
  }
}

/** The views of the parts that send a first request, by their titles. */
export function firstRequests(): readonly { readonly label: string; readonly place: Place }[] {
  return shownParts().flatMap(({ firstRequest }) => {
    const place = firstRequest?.place(pageSettings);
    return firstRequest === undefined || place === undefined ? [] : { label: firstRequest.label, place };
  });
}

/** The address of a request that changes nothing, from the first view that knows one. */
export async function firstUrl(signal: AbortSignal): Promise<string | undefined> {
  const known = shownParts().filter(({ firstRequest }) => firstRequest?.place(pageSettings) !== undefined);
  const urls = await Promise.all(known.map(({ firstRequest }) => firstRequest?.url(signal)));
  return urls.find((url) => url !== undefined);
}
