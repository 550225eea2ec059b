/** How a view was when it was left. */
export interface Left {
  /** Pixels that it was scrolled by. */
  readonly top: number;
  /** The link that had the focus: most places are left by one. */
  readonly link: string | undefined;
}

/** Scrolls and gives the focus as soon as what is needed for that is there, unless the person does something or it is stopped before. */
export function comeBack(view: HTMLElement, { top, link }: Left, stop: AbortController): void {
  let [scrolls, focuses] = [top > 0, link !== undefined];
  if (stop.signal.aborted) return;
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
}
