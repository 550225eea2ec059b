import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { go } from '../../../shell/router.ts';
import { useKeys } from '../../../shell/use-keys.ts';
import type { TraceState } from '../trace-state.ts';
import { NO_SPAN, PLAIN_STATE, traceParams } from '../trace-state.ts';
import { ListPosition } from './list-position.tsx';
import { useOriginList } from './use-origin-list.ts';

export interface WithinListProps {
  readonly id: string;
  readonly state: TraceState;
  /** Whether the trace itself is shown, and not the reason for its absence. */
  readonly isShown: boolean;
  readonly children: ComponentChildren;
}

/**
 * A trace with its position in the list from which it was opened. The position stays on the page while the trace changes, so
 * that the focus stays, too. A deleted trace is stepped over like any other.
 */
export function WithinList({ id, state, isShown, children }: WithinListProps) {
  const { from } = state;
  const content = useRef<HTMLDivElement>(null);
  const { list, failed } = useOriginList(from, id);
  const fromTrace = useRef(false);
  const step = (by: 1 | -1) => {
    const next = list === undefined || list.at < 0 ? undefined : list.traces[list.at + by];
    if (next === undefined) return;
    const focused = document.activeElement;
    const inTrace = content.current?.contains(focused) && focused?.closest('.list-position') === null;
    if (inTrace) fromTrace.current = true;
    go({ view: 'trace', id: next.trace_id, params: paramsOfNeighbour(state) });
  };
  // The focus moves from the tree of one trace to the tree of the next.
  useLayoutEffect(() => {
    if (!isShown || !fromTrace.current) return;
    fromTrace.current = false;
    content.current?.querySelector<HTMLElement>('[role="treegrid"]')?.focus();
  }, [id, isShown]);
  useKeys({ J: () => step(1), K: () => step(-1) });
  if (from === undefined && !isShown) return children;
  return (
    <div class="trace-screen" ref={content}>
      {from !== undefined && <ListPosition list={list} failed={failed} from={from} onStep={step} />}
      {isShown ? children : <div class="trace-absent">{children}</div>}
    </div>
  );
}

/** The params that also apply to the next trace: display options, but not the selection. */
function paramsOfNeighbour(state: TraceState) {
  const { columns, color, tab, criticalPath, from, logs, logLevel, logText } = state;
  const span = state.span === NO_SPAN ? NO_SPAN : undefined;
  const kept = { columns, color, tab, criticalPath, from, logs, logLevel, logText, span };
  return traceParams({ ...PLAIN_STATE, ...kept });
}
