import { useLayoutEffect, useRef } from 'preact/hooks';
import { getOrMake } from '../shared/get-or-make.ts';
import type { TraceSummary } from '../traces/list/summaries.ts';
import { listenTo } from './event-stream.ts';
import { settings } from './shell/settings.ts';

/** A message of the explorer about arriving traces. */
export type LiveMessage =
  | { readonly type: 'traces'; readonly traces: readonly TraceSummary[]; readonly more: number }
  /** A message may have been missed: the view must read again. */
  | { readonly type: 'reset' };

type Listener = (message: LiveMessage) => void;

/** By filter. */
const connections = new Map<string, ReturnType<typeof connect>>();

/**
 * Tells of new and changed traces while the component is shown. All components that ask for the same share one connection.
 * @param filter params of `GET /api/traces` that the traces must fit; all of them where it is empty
 */
export function useLive(listener: Listener, filter = ''): void {
  const latest = useRef(listener);
  latest.current = listener;
  // Before the browser paints: a component that reads traces at the same time must not miss a message.
  useLayoutEffect(() => {
    const tell: Listener = (message) => latest.current(message);
    const connection = getOrMake(connections, filter, () => connect(filter));
    connection.listeners.add(tell);
    return () => {
      connection.listeners.delete(tell);
      if (connection.listeners.size > 0) return;
      connection.close();
      connections.delete(filter);
    };
  }, [filter]);
}

/** How long after its HTML a page's first connection goes on from there: later, a view has long read what is new. */
const FRESH_MS = 5000;
/** Until the first connection. */
let from: string | undefined = settings.liveFrom;

/** Opens a connection, for listeners that come and go. */
function connect(filter: string) {
  const listeners = new Set<Listener>();
  const tell: Listener = (message) => {
    for (const listener of listeners) listener(message);
  };
  /** Whether the next connection goes on from where the page's HTML was. */
  let goesOn = false;
  const close = listenTo(
    () => {
      const query = new URLSearchParams(filter);
      const after = performance.now() < FRESH_MS ? from : undefined;
      from = undefined;
      goesOn = after !== undefined;
      if (after !== undefined) query.set('after', after);
      return query.size === 0 ? '/api/live' : `/api/live?${query}`;
    },
    {
      hello() {
        // The connection does not tell of traces that came before it was open.
        if (!goesOn) tell({ type: 'reset' });
        goesOn = false;
      },
      traces: (data: { traces: readonly TraceSummary[]; more: number }) => tell({ type: 'traces', ...data }),
      reset: () => tell({ type: 'reset' }),
    },
  );
  return { listeners, close };
}
