import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { listenTo } from '../../event-stream.ts';
import { settings } from '../../shell/settings.ts';

/** What the explorer says while it takes spans. */
export type LiveMessage =
  | { readonly type: 'traces'; readonly traces: readonly TraceSummary[]; readonly more: number }
  /** Something may have been missed: what is shown must be read again. */
  | { readonly type: 'reset' }
  /** The connection is lost; `reset` or `traces` say that it is there again. */
  | { readonly type: 'lost' };

type Listener = (message: LiveMessage) => void;

const listeners = new Set<Listener>();
let close: (() => void) | undefined;

/** Tells of new and changed traces while the component is shown. All components of a page share one connection. */
export function useLive(listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  // Before the browser paints: a component that reads traces at the same time must not miss what comes meanwhile.
  useLayoutEffect(() => {
    const tell: Listener = (message) => latest.current(message);
    listeners.add(tell);
    close ??= connect();
    return () => {
      listeners.delete(tell);
      if (listeners.size > 0) return;
      close?.();
      close = undefined;
    };
  }, []);
}

/** How long after its HTML a page's first connection goes on from there: later, a view has long read what is new. */
const FRESH_MS = 5000;
/** Until the first connection. */
let from: string | undefined = settings.liveFrom;

function connect(): () => void {
  const tell: Listener = (message) => {
    for (const listener of listeners) listener(message);
  };
  /** Whether the next connection goes on from where the page's HTML was. */
  let goesOn = false;
  return listenTo(
    () => {
      const after = performance.now() < FRESH_MS ? from : undefined;
      from = undefined;
      goesOn = after !== undefined;
      return after === undefined ? '/api/live' : `/api/live?after=${encodeURIComponent(after)}`;
    },
    {
      hello() {
        // What came before the connection was open was not told of.
        if (!goesOn) tell({ type: 'reset' });
        goesOn = false;
      },
      traces: (data: { traces: readonly TraceSummary[]; more: number }) => tell({ type: 'traces', ...data }),
      reset: () => tell({ type: 'reset' }),
    },
    () => tell({ type: 'lost' }),
  );
}
