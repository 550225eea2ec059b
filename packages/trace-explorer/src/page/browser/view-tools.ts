import { useLayoutEffect, useRef } from 'preact/hooks';
import { useOutside } from './use-listener.ts';

/** What a view offers to the bar at the top. */
export interface ViewTools {
  readonly refresh?: (() => void) | undefined;
  readonly outdated?: boolean | undefined;
  readonly live?: { readonly on: boolean; readonly set: (on: boolean) => void } | undefined;
}

let shown: ViewTools = {};
const changed = new EventTarget();

function show(tools: ViewTools): void {
  shown = tools;
  changed.dispatchEvent(new Event('change'));
}

/** Offers what a view can do to the bar at the top, while the view is shown. @param tools undefined for a part of a view */
export function useViewTools(tools: ViewTools | undefined): void {
  const latest = useRef(tools);
  latest.current = tools;
  const { refresh, outdated, live } = tools ?? {};
  useLayoutEffect(() => {
    if (tools === undefined) return;
    show({
      refresh: refresh && (() => latest.current?.refresh?.()),
      outdated,
      live: live && { on: live.on, set: (on) => latest.current?.live?.set(on) },
    });
  }, [outdated, live?.on, refresh === undefined]);
  useLayoutEffect(() => () => tools && show({}), []);
}

/** What the shown view offers. */
export function useShownTools(): ViewTools {
  return useOutside(() => shown, changed);
}
