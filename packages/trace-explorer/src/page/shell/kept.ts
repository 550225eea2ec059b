import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { entryNow, onLeave } from './router.ts';

/** By entry of the browser's history, then by name; as long as the page is not loaded anew. */
const kept = new Map<string, Map<string, unknown>>();
const readers = new Map<string, () => unknown>();

onLeave((entry) => void kept.set(entry, new Map([...readers].map(([name, read]) => [name, read()]))));

/** What `keep` read when the present place was left the last time; once, so that only who comes back gets it. */
export function takeKept<T>(name: string): T | undefined {
  const own = kept.get(entryNow());
  const value = own?.get(name) as T | undefined;
  own?.delete(name);
  return value;
}

/** Reads something as often as a place is left. Returns what ends that. */
export function keep(name: string, read: () => unknown): () => void {
  readers.set(name, read);
  return () => {
    if (readers.get(name) === read) readers.delete(name);
  };
}

/**
 * What a component had when a person left it for another place, and has come back: how far a list was scrolled, how much of
 * it was read. What the URL says need not be kept.
 */
export function useKept<T>(name: string, read: () => T): T | undefined {
  const [before] = useState(() => takeKept<T>(name));
  const latest = useRef(read);
  latest.current = read;
  useLayoutEffect(() => keep(name, () => latest.current()), [name]);
  return before;
}
