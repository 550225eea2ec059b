import { useLayoutEffect } from 'preact/hooks';
import { useOutside } from './use-listener.ts';

/** What a view offers to the bar at the top. */
export interface ViewTools {
  /** Reads the view again. */
  readonly refresh?: () => void;
  /** Whether there is something new to read. */
  readonly outdated?: boolean;
  /** New data as it comes. */
  readonly live?: { readonly on: boolean; readonly set: (on: boolean) => void };
}

let shown: ViewTools = {};
const changed = new EventTarget();

function show(tools: ViewTools): void {
  shown = tools;
  changed.dispatchEvent(new Event('change'));
}

/** Offers what a view can do to the bar at the top, while the view is shown. @param tools undefined for a part of a view */
export function useViewTools(tools: ViewTools | undefined): void {
  const { outdated, live, refresh } = tools ?? {};
  useLayoutEffect(() => {
    if (tools !== undefined) show(tools);
  }, [outdated, live?.on, refresh === undefined]);
  // Its functions are the newest ones when they are called.
  useLayoutEffect(() => {
    if (tools !== undefined) shown = tools;
  });
  useLayoutEffect(() => () => tools && show({}), []);
}

/** What the shown view offers. Its functions are read when they are called. */
export function useShownTools(): () => ViewTools {
  useOutside(() => shown, changed);
  return () => shown;
}
