import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { keep, takeKept } from './kept.ts';
import type { Place } from './place.ts';
import { entryNow } from './router.ts';

interface Left {
  /** Pixels that the view was scrolled by. */
  readonly top: number;
  /** The link that had the focus: most places are left by one. */
  readonly link: string | undefined;
}

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
        const link = document.activeElement?.closest('a[href]');
        const inView = link != null && view.current?.contains(link);
        return {
          top: view.current?.scrollTop ?? 0,
          link: (inView && link.getAttribute('href')) || undefined,
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
    return left && comeBack(element, left);
  }, [entry]);
}

/** Scrolls and gives the focus as soon as what is needed for that is there, unless the person does something before. */
function comeBack(view: HTMLElement, { top, link }: Left): () => void {
  let [scrolls, focuses] = [top > 0, link !== undefined];
  const stop = new AbortController();
  const look = () => {
    if (scrolls && view.scrollHeight - view.clientHeight >= top) {
      view.scrollTop = top;
      scrolls = false;
    }
    if (focuses && document.activeElement !== document.body && document.activeElement !== view)
      focuses = false;
    const found = focuses
      ? [...view.querySelectorAll<HTMLElement>('a[href]')].find((each) => each.getAttribute('href') === link)
      : undefined;
    if (found !== undefined) {
      found.focus({ preventScroll: true });
      focuses = false;
    }
    if (!scrolls && !focuses) stop.abort();
  };
  const observer = new MutationObserver(look);
  observer.observe(view, { attributes: true, childList: true, subtree: true });
  stop.signal.addEventListener('abort', () => observer.disconnect());
  for (const type of ['keydown', 'pointerdown', 'wheel'])
    addEventListener(type, () => stop.abort(), { capture: true, passive: true, signal: stop.signal });
  look();
  return () => stop.abort();
}
