import { useMemo } from 'preact/hooks';
import type { Place } from '../../core/places/place.ts';
import { definedParams, hrefOf, parsePlace } from '../../core/places/place.ts';
import { firstView } from '../../core/places/views.ts';
import { deadlineIn, leftOf } from '../../lib/time/deadline.ts';
import { pageSettings } from './settings.ts';
import { settled } from './under-way.ts';
import { useOutside } from './use-listener.ts';

/** The place that the URL names: a view and its params. */
export interface ViewProps {
  readonly place: Place;
}

/** Goes to a place, or to the first view when the part of the place was left out: as a step in the browser's history, or with `replace` instead of the present entry. */
export function go(place: Place, { replace = false }: { replace?: boolean } = {}): void {
  const href = hrefHere(place);
  const isHere = href === location.pathname + location.search;
  navigation.navigate(href, { history: replace || isHere ? 'replace' : 'push' });
}

/** Changes params of the present place. Undefined removes a param. */
export function setParams(
  changes: Readonly<Record<string, string | undefined>>,
  options: { replace?: boolean } = {},
): void {
  const now = placeNow();
  go({ ...now, params: definedParams({ ...now.params, ...changes }) }, options);
}

/** The present place. */
export function placeNow(): Place {
  return placeOfHref(location.href) ?? { view: firstView(), params: {} };
}

const { saved } = pageSettings;

/** The URL of a place. A saved trace has only one place, its file, so its URLs differ only in their params. */
export function hrefHere(place: Place): string {
  return saved === undefined
    ? (hrefOf(place) ?? '/')
    : `${location.pathname}?${new URLSearchParams(place.params)}`;
}

function placeOfHref(href: string): Place | undefined {
  const url = new URL(href);
  if (saved === undefined) return parsePlace(url);
  if (url.pathname !== location.pathname) return undefined;
  return { view: 'trace', id: saved.traceId, params: Object.fromEntries(url.searchParams) };
}

/**
 * Whether the person returns to an earlier entry. The browser then restores the scroll position, so no other code may scroll.
 */
export function isReturning(): boolean {
  return navigation.transition?.navigationType === 'traverse';
}

/** The present place. The component renders again after every change. */
export function usePlace(): Place {
  const href = useOutside(() => location.href, navigation, 'currententrychange');
  return useMemo(placeNow, [href]);
}

/**
 * Changes views within the document (the Navigation API, https://html.spec.whatwg.org/#navigation-api). The browser keeps the
 * history and the scroll position of each entry. It restores the position after the view has been read. Call once.
 */
export function startRouter(): void {
  navigation.addEventListener('navigate', (event) => {
    const { destination, navigationType, signal } = event;
    const next = placeOfHref(destination.url);
    const isOurs = event.canIntercept && !event.hashChange && event.downloadRequest === null;
    if (!isOurs || next === undefined || navigationType === 'reload') return;
    const now = placeNow();
    const isOther = next.view !== now.view || next.id !== now.id;
    const returns = navigationType === 'traverse';
    if (!returns && isOther) rememberLink();
    event.intercept({
      focusReset: 'manual',
      scroll: returns || isOther ? 'after-transition' : 'manual',
      async handler() {
        if (!returns && isOther) event.scroll();
        await settled(signal);
        const followed: unknown = destination.getState();
        if (returns && typeof followed === 'string') void focusLink(followed, signal);
      },
    });
  });
}

/** Stores the followed link with the entry that the person leaves, for the return. */
function rememberLink(): void {
  const href = document.activeElement?.closest('main a[href]')?.getAttribute('href');
  if (href != null) navigation.updateCurrentEntry({ state: href });
}

/** How long after the view was read a link may appear, as the browser restores the scroll position, in milliseconds. */
const APPEARS_MS = 500;

/** Moves the focus to a link as soon as it appears, unless the person has moved it elsewhere by then. */
async function focusLink(href: string, signal: AbortSignal): Promise<void> {
  // Rejects when the person goes elsewhere meanwhile.
  await navigation.transition?.finished.catch(() => {});
  await settled(signal);
  for (const deadline = deadlineIn(APPEARS_MS); leftOf(deadline) > 0; await settled(signal)) {
    const { activeElement } = document;
    if (signal.aborted || (activeElement !== document.body && !activeElement?.matches('main'))) return;
    const links = [...document.querySelectorAll<HTMLElement>(`main a[href="${CSS.escape(href)}"]`)];
    const inSight = links.find((link) => link.getBoundingClientRect().top >= 0) ?? links[0];
    if (inSight !== undefined) return inSight.focus({ preventScroll: true });
  }
}
