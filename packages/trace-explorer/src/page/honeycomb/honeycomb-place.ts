import { useState } from 'preact/hooks';
import type { HoneycombAccount } from '../../honeycomb-account.ts';
import { getJson } from '../api.ts';
import { useLoad } from '../use-load.ts';
import type { HoneycombPlace } from './honeycomb-links.ts';

/** Where links to Honeycomb lead. */
export interface HoneycombPlaces {
  /** What a person typed, else what the key says; undefined when neither names a place. */
  readonly place: HoneycombPlace | undefined;
  /** What the key says that the services send with. Its region is not known when a proxy stands in between. */
  readonly account: HoneycombAccount | undefined;
  /** Remembers in this browser what a person typed. */
  readonly type: (place: HoneycombPlace) => void;
}

/** Where links to Honeycomb lead. */
export function useHoneycombPlaces(): HoneycombPlaces {
  const { value: account } = useLoad(readAccount, []);
  const [typed, setTyped] = useState(typedPlace);
  return {
    place: typed ?? placeOf(account),
    account,
    type(place) {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(place));
      setTyped(place);
    },
  };
}

const STORAGE_KEY = 'explorer.honeycomb';

/** Whose key the services send with. */
async function readAccount(signal: AbortSignal): Promise<HoneycombAccount | undefined> {
  return (await getJson<{ account?: HoneycombAccount }>('/api/honeycomb', signal)).account;
}

function placeOf(said: HoneycombAccount | undefined): HoneycombPlace | undefined {
  if (said === undefined || said.region === 'other') return undefined;
  return { ...said, region: said.region === 'eu' ? 'EU' : 'US' };
}

function typedPlace(): HoneycombPlace | undefined {
  try {
    const { team, environment, region } = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}');
    if (typeof team !== 'string' || typeof environment !== 'string' || team === '') return undefined;
    return { team, environment, region: region === 'EU' ? 'EU' : 'US' };
  } catch {
    return undefined;
  }
}
