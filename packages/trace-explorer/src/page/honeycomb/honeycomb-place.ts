import { useState } from 'preact/hooks';
import type { HoneycombAccount } from '../../core/honeycomb-account.ts';
import { jsonOrNothing } from '../../lib/text/parse-json.ts';
import { useJson } from '../api/use-load.ts';
import { keepText, keptText } from '../browser/kept.ts';
import type { HoneycombPlace } from './honeycomb-links.ts';

export type HoneycombPlaces = ReturnType<typeof useHoneycombPlaces>;

/** The team and environment for links to Honeycomb. */
export function useHoneycombPlaces() {
  // Of the key that the services use.
  const { account } = useJson<{ account?: HoneycombAccount }>('/api/honeycomb').value ?? {};
  const [typed, setTyped] = useState(typedPlace);
  return {
    /** The typed team and environment, else the key's; undefined when neither is known. */
    place: typed ?? (account?.region === 'other' ? undefined : account),
    /** The account of the services' key. Behind a proxy its region is unknown. */
    account,
    type(place: HoneycombPlace) {
      keepText('honeycomb', JSON.stringify(place));
      setTyped(place);
    },
  };
}

function typedPlace(): HoneycombPlace | undefined {
  const { team, environment, region } = Object(jsonOrNothing(keptText('honeycomb') ?? ''));
  if (typeof team !== 'string' || typeof environment !== 'string' || team === '') return undefined;
  // Older pages kept it in capitals.
  return { team, environment, region: /^eu$/i.test(region) ? 'eu' : 'us' };
}
