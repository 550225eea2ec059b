import '../common.ts';
import { linksTo } from './links-to.ts';

/** How a view was when it was left. */
export interface Left {
  /** Pixels that it was scrolled by. */
  readonly top: number;
  /** The link that had the focus, as most places are left by one: where it leads, and how many before it lead there too. */
  readonly link: { readonly href: string; readonly before: number } | undefined;
}

/**
 * Scrolls and gives the focus as soon as what is needed for that is there, until the person does something or it is stopped.
 * A link that is drawn anew meanwhile gets the focus anew.
 */
export function comeBack(view: HTMLElement, { top, link }: Left, stop: AbortController): void {
  if (stop.signal.aborted) return;
  let scrolls = top > 0;
  let given: HTMLElement | SVGElement | undefined;
  const look = () => {
    if (scrolls && view.scrollHeight - view.clientHeight >= top) {
      view.scrollTop = top;
      scrolls = false;
    }
    const now = document.activeElement;
    const isFree = given === undefined ? now === document.body || now === view : !given.isConnected;
    if (link === undefined || !isFree) return;
    const same = linksTo(view, link.href);
    const found = same[link.before] ?? same[0];
    if (found === undefined) return;
    given = found;
    found.focus({ preventScroll: true });
  };
  const observer = new MutationObserver(look);
  observer.observe(view, { attributes: true, childList: true, subtree: true });
  stop.signal.addEventListener('abort', () => observer.disconnect());
  for (const type of ['keydown', 'pointerdown', 'wheel'])
    addEventListener(type, () => stop.abort(), { capture: true, passive: true, signal: stop.signal });
  look();
}
