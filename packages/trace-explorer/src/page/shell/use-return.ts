import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Place } from '../../places/place.ts';
import type { Left } from './come-back.ts';
import { keep, takeKept } from './kept.ts';
import { linksTo } from './links-to.ts';
import { entryNow } from './router.ts';

const NAME = 'view';

/**
 * A view that is new begins at its top and has the focus; one that a person comes back to is scrolled as it was, and the
 * link that was followed has the focus.
 */
export function useReturn(view: RefObject<HTMLElement | null>, { view: name, id = '' }: Place): void {
  const what = `${name} ${id}`;
  const shown = useRef(what);
  const entry = entryNow();
  useLayoutEffect(
    () =>
      keep(NAME, (): Left => {
        const element = view.current;
        const link = document.activeElement?.closest<HTMLElement>('a[href]');
        const href = element?.contains(link ?? null) ? link?.getAttribute('href') : undefined;
        if (element === null || link == null || href == null)
          return { top: element?.scrollTop ?? 0, link: undefined };
        return {
          top: element.scrollTop,
          link: { href, before: linksTo(element, href).indexOf(link) },
        };
      }),
    [],
  );
  useLayoutEffect(() => {
    const element = view.current;
    const left = takeKept<Left>(NAME);
    const isOther = shown.current !== what;
    shown.current = what;
    if (element === null || (left === undefined && !isOther)) return;
    if (isOther) {
      element.scrollTop = 0;
      if (document.activeElement === document.body) element.focus({ preventScroll: true });
    }
    if (left === undefined) return;
    const gone = new AbortController();
    // Loaded when somebody comes back; without it the view is at its top.
    import('./come-back.ts').then(
      ({ comeBack }) => comeBack(element, left, gone),
      () => {},
    );
    return () => gone.abort();
  }, [entry]);
}
