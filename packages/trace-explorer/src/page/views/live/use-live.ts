import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { settings } from '../../shell/settings.ts';

/** What the explorer says while it takes spans. */
export type LiveMessage =
  | { readonly type: 'traces'; readonly traces: readonly TraceSummary[]; readonly more: number }
  /** Something was missed: what is shown must be read again. */
  | { readonly type: 'reset' }
  /** The connection is open. `late` when it was not before: spans that came until now were not told of. */
  | { readonly type: 'connected'; readonly late: boolean }
  | { readonly type: 'lost' };

type Listener = (message: LiveMessage) => void;

const listeners = new Set<Listener>();
let source: EventSource | undefined;

/** Tells of new and changed traces while the component is shown. All components of a page share one connection. */
export function useLive(listener: Listener): void {
  const latest = useRef(listener);
  latest.current = listener;
  // Before the browser paints: a component that reads traces at the same time must not miss what comes meanwhile.
  useLayoutEffect(() => {
    const tell: Listener = (message) => latest.current(message);
    listeners.add(tell);
    source ??= connect();
    if (source.readyState === EventSource.OPEN) tell({ type: 'connected', late: false });
    return () => {
      listeners.delete(tell);
      if (listeners.size > 0) return;
      source?.close();
      source = undefined;
    };
  }, []);
}

/** How long after its HTML a page's first connection goes on from there: later, a view has long read what is new. */
const FRESH_MS = 5000;
/** Until the first connection. */
let from: string | undefined = settings.liveFrom;

function connect(): EventSource {
  const after = performance.now() < FRESH_MS ? from : undefined;
  const events = new EventSource(
    after === undefined ? '/api/live' : `/api/live?after=${encodeURIComponent(after)}`,
  );
  let late = after === undefined;
  from = undefined;
  const tell = (message: LiveMessage) => {
    for (const listener of listeners) listener(message);
  };
  events.addEventListener('traces', (event) => {
    const { traces, more } = JSON.parse(event.data);
    tell({ type: 'traces', traces, more });
  });
  events.addEventListener('reset', () => tell({ type: 'reset' }));
  events.addEventListener('open', () => {
    tell({ type: 'connected', late });
    late = true;
  });
  events.addEventListener('error', () => {
    tell({ type: 'lost' });
    // A browser gives up for good when the server refuses the connection, which a server does while it starts.
    if (events.readyState !== EventSource.CLOSED || source !== events) return;
    setTimeout(() => {
      if (source === events) source = listeners.size > 0 ? connect() : undefined;
    }, 2000);
  });
  return events;
}
