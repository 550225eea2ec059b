import { useEffect, useState } from 'preact/hooks';
import type { HoneycombAccount } from '../../pipeline/parse-metrics.ts';
import type { HoneycombPlace } from './honeycomb-links.ts';

/** Where links to Honeycomb lead. */
export interface HoneycombPlaces {
  /** What a person typed, else what the key says; undefined when neither names a place. */
  readonly place: HoneycombPlace | undefined;
  /** Whether `place` was typed. */
  readonly isTyped: boolean;
  /** What the key says that the services send with. Its region is not known when a proxy stands in between. */
  readonly account: HoneycombAccount | undefined;
}

/** Where links to Honeycomb lead, kept up to date. */
export function useHoneycombPlaces(): HoneycombPlaces {
  const [places, setPlaces] = useState(placesNow);
  useEffect(() => {
    const update = () => setPlaces(placesNow());
    update();
    listeners.add(update);
    return () => void listeners.delete(update);
  }, []);
  return places;
}

/** Remembers in this browser what a person typed; undefined forgets it, so that the key decides again. */
export function typeHoneycombPlace(place: HoneycombPlace | undefined): void {
  if (place === undefined) localStorage.removeItem(STORAGE_KEY);
  else localStorage.setItem(STORAGE_KEY, JSON.stringify(place));
  tellListeners();
}

/** Takes note of what the services say of their key. */
export function noteHoneycombAccount(said: HoneycombAccount | undefined): void {
  if (JSON.stringify(said) === JSON.stringify(account)) return;
  account = said;
  tellListeners();
}

const STORAGE_KEY = 'explorer.honeycomb';
const listeners = new Set<() => void>();
let account: HoneycombAccount | undefined;

function tellListeners(): void {
  for (const listener of listeners) listener();
}

function placesNow(): HoneycombPlaces {
  const typed = typedPlace();
  return { place: typed ?? placeOf(account), isTyped: typed !== undefined, account };
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
