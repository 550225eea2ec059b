import { useLayoutEffect, useState } from 'preact/hooks';
import type { Place } from '../../places/place.ts';
import { hrefOf, parsePlace } from '../../places/place.ts';

const listeners = new Set<(place: Place) => void>();
let current: Place = placeHere();
let previous: Place | undefined;
/** The entry of the browser's history that is shown. Its key stays with it, so that it is known again. */
let entry = entryHere();
const leaving = new Set<(entry: string) => void>();

/** Goes to a place: a step of the browser's history, or with `replace` a change of the present one. */
export function go(place: Place, { replace = false }: { replace?: boolean } = {}): void {
  const href = hrefOf(place);
  const isStep = !replace && href !== location.pathname + location.search;
  if (isStep) {
    leave();
    entry = newEntry();
    history.pushState({ entry }, '', href);
  } else if (replace) history.replaceState({ entry }, '', href);
  tell(place);
}

/** Changes params of the present place; undefined removes one. */
export function setParams(
  changes: Readonly<Record<string, string | undefined>>,
  options: { replace?: boolean } = {},
): void {
  const entries = Object.entries({ ...current.params, ...changes });
  const params = Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  go({ ...current, params }, options);
}

/** Where the person is at this moment. */
export function placeNow(): Place {
  return current;
}

/** Which entry of the browser's history is shown: two visits of one place are two. */
export function entryNow(): string {
  return entry;
}

/** Calls the listener before an entry of the history is left, while what it shows is still in the document. */
export function onLeave(listener: (entry: string) => void): void {
  leaving.add(listener);
}

/** Where the person was before the present view; undefined on the first one. */
export function previousPlace(): Place | undefined {
  return previous;
}

/** Where the person is; the component renders again after every move. */
export function usePlace(): Place {
  const [place, setPlace] = useState(current);
  useLayoutEffect(() => {
    setPlace(current);
    listeners.add(setPlace);
    return () => void listeners.delete(setPlace);
  }, []);
  return place;
}

/** Follows the browser's back and forward, and every plain link to one of the page's places. Call once. */
export function startRouter(): void {
  addEventListener('popstate', () => {
    leave();
    entry = entryHere();
    tell(placeHere());
  });
  document.addEventListener('click', function followLink(event) {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    // Of HTML or of a drawing.
    if (link === null || link.hasAttribute('target') || link.hasAttribute('download')) return;
    const url = new URL(link.getAttribute('href') ?? '', location.href);
    const place = url.origin === location.origin && url.hash === '' ? parsePlace(url) : undefined;
    if (place === undefined) return;
    event.preventDefault();
    go(place);
  });
}

function leave(): void {
  for (const listener of leaving) listener(entry);
}

/** The key of the entry that the browser is at; one that has none is given one. */
function entryHere(): string {
  const known: unknown = history.state?.entry;
  if (typeof known === 'string') return known;
  const made = newEntry();
  history.replaceState({ entry: made }, '');
  return made;
}

/** Unlike all others of this tab, however often the page was loaded in it. */
function newEntry(): string {
  return String(performance.timeOrigin + performance.now());
}

function placeHere(): Place {
  return parsePlace(new URL(location.href)) ?? { view: 'overview', params: {} };
}

function tell(place: Place): void {
  if (place.view !== current.view) previous = current;
  current = place;
  for (const listener of listeners) listener(place);
}
