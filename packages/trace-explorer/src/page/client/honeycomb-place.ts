import { useEffect, useState } from 'preact/hooks';
import type { HoneycombAccount } from '../parse-metrics.ts';
import type { HoneycombPlace } from './honeycomb.ts';

/** Where links to Honeycomb lead. */
export interface HoneycombPlaces {
  /** What a person typed goes before what the key says; undefined when neither names a place. */
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

/** Remembers in this browser what a person typed; undefined: forgets it, so that the key's word counts again. */
export function typeHoneycombPlace(place: HoneycombPlace | undefined): void {
  if (place === undefined) localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, JSON.stringify(place));
  tellListeners();
}

/** Takes note of what the services say of their key. */
export function noteHoneycombAccount(said: HoneycombAccount | undefined): void {
  if (JSON.stringify(said) === JSON.stringify(account)) return;
  account = said;
  tellListeners();
}

const storageKey = 'explorer.honeycomb';
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
    const { team, environment, region } = JSON.parse(localStorage.getItem(storageKey) ?? '{}');
    if (typeof team !== 'string' || typeof environment !== 'string' || team === '') return undefined;
    return { team, environment, region: region === 'EU' ? 'EU' : 'US' };
  } catch {
    return undefined;
  }
}
