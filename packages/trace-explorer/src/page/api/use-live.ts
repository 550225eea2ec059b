import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TraceSummary } from '../../core/traces/list/summaries.ts';
import { getOrMake } from '../../lib/get-or-make.ts';
import { listenTo } from '../browser/event-stream.ts';
import { pageSettings } from '../browser/settings.ts';

export type LiveMessage =
  | { readonly type: 'traces'; readonly traces: readonly TraceSummary[]; readonly more: number }
  /** A message may have been missed: the view must read again. */
  | { readonly type: 'reset' };

type Listener = (message: LiveMessage) => void;

const connections = new Map<string, ReturnType<typeof connect>>();

/**
 * Reports new and changed traces to a component while it is shown. All components with the same filter share one connection.
 * @param filter params of `GET /api/traces` that the traces must match; empty for all traces
 */
export function useLive(listener: Listener, filter = ''): void {
  const latest = useRef(listener);
  latest.current = listener;
  // Connects before the browser paints: a component that reads traces at the same time must not miss a message.
  useLayoutEffect(() => {
    const notify: Listener = (message) => latest.current(message);
    const connection = getOrMake(connections, filter, () => connect(filter));
    connection.listeners.add(notify);
    return () => {
      connection.listeners.delete(notify);
      if (connection.listeners.size > 0) return;
      connection.close();
      connections.delete(filter);
    };
  }, [filter]);
}

/**
 * Milliseconds after its HTML in which a page's first connection continues from the HTML's event. Later, a view has already
 * read the newer traces.
 */
const FRESH_MS = 5000;
/** Id of the event from which the first connection continues; undefined after this connection. */
let firstEvent: string | undefined = pageSettings.liveFrom;

/** Opens a connection for a changing set of listeners. */
function connect(filter: string) {
  const listeners = new Set<Listener>();
  const notifyAll: Listener = (message) => {
    for (const listener of listeners) listener(message);
  };
  /** Whether the next connection continues from the event of the page's HTML. */
  let continues = false;
  const close = listenTo(
    () => {
      const query = new URLSearchParams(filter);
      const after = performance.now() < FRESH_MS ? firstEvent : undefined;
      firstEvent = undefined;
      continues = after !== undefined;
      if (after !== undefined) query.set('after', after);
      return query.size === 0 ? '/api/live' : `/api/live?${query}`;
    },
    {
      hello() {
        // The connection does not report traces that arrived before it opened.
        if (!continues) notifyAll({ type: 'reset' });
        continues = false;
      },
      traces: (data: { traces: readonly TraceSummary[]; more: number }) =>
        notifyAll({ type: 'traces', ...data }),
      reset: () => notifyAll({ type: 'reset' }),
    },
  );
  return { listeners, close };
}
