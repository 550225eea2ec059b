import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { NO_SPAN } from '../../../../core/places/place.ts';
import type { TracePage } from '../../../../page/api/trace-list.ts';
import { listQuery, readPages, UNFILTERED } from '../../../../page/api/trace-list.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { go } from '../../../../page/browser/router.ts';
import { useKeys } from '../../../../page/browser/use-keys.ts';
import { Icon } from '../../../../page/components/icon.tsx';
import { IconButton } from '../../../../page/components/inputs/icon-button.tsx';
import { formatCount } from '../../../../page/values/format.ts';
import type { TraceState } from '../state/trace-state.ts';
import { PLAIN_STATE, stateParams } from '../state/trace-state.ts';

export interface WithinListProps {
  readonly id: string;
  readonly state: TraceState;
  /** Whether the trace itself is shown, and not the reason for its absence. */
  readonly isShown: boolean;
  readonly children: ComponentChildren;
}

/**
 * A trace with its position in the list from which it was opened. The position stays on the page while the trace changes, so
 * that the focus stays, too. A step also leads to a deleted trace.
 */
export function WithinList({ id, state, isShown, children }: WithinListProps) {
  const { from } = state;
  const content = useRef<HTMLDivElement>(null);
  const { list, failed } = useOriginList(from);
  const traces = list?.traces ?? [];
  const at = traces.findIndex(({ trace_id }) => trace_id === id);
  const fromTrace = useRef(false);
  const step = (by: 1 | -1) => {
    const next = at < 0 ? undefined : traces[at + by];
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
  const place = failed ? 'the list could not be read' : positionText(list, at);
  return (
    <div class="trace-screen" ref={content}>
      {from !== undefined && (
        // Not `disabled`: at an end of the list the button would lose the focus.
        <div class="list-position strip">
          <a class="button ghost icon" href={from === UNFILTERED ? '/traces' : `/traces?${from}`}>
            <Icon name="chevron-left" />
            <span class="visually-hidden">Traces</span>
          </a>
          <span class="faint ellipsis grow" title={place}>
            {place}
          </span>
          <IconButton
            icon="arrow-up"
            label="Previous trace of the list"
            title="K"
            aria-disabled={at <= 0}
            onPress={() => step(-1)}
          />
          <IconButton
            icon="arrow-down"
            label="Next trace of the list"
            title="J"
            aria-disabled={at < 0 || at + 1 >= traces.length}
            onPress={() => step(1)}
          />
        </div>
      )}
      {isShown ? children : <div class="trace-absent">{children}</div>}
    </div>
  );
}

/** Pages of the list to read: nobody steps through more than a thousand traces. */
const PAGES = 20;

/** Reads the list with the params `from` of the traces' view; undefined before, and without `from`. */
function useOriginList(from: string | undefined) {
  const { value, stale, error } = useLoad(
    async (signal) => {
      if (from === undefined) return undefined;
      const query = listQuery({ params: Object.fromEntries(new URLSearchParams(from)) });
      return readPages(PAGES, query, signal);
    },
    [from],
  );
  return { list: stale ? undefined : value, failed: error !== undefined };
}

/** @param at position of the trace; -1 without the trace */
function positionText(list: TracePage | undefined, at: number): string {
  if (list === undefined) return 'reading the list …';
  const all = `${formatCount(list.traces.length)}${list.next === undefined ? '' : '+'}`;
  return at < 0 ? `not among the first ${all}` : `${formatCount(at + 1)} of ${all}`;
}

/** The params that also apply to the next trace: display options, but not the selection. */
function paramsOfNeighbour(state: TraceState) {
  const { columns, color, tab, criticalPath, from, logs, logLevel, logText } = state;
  const span = state.span === NO_SPAN ? NO_SPAN : undefined;
  const kept = { columns, color, tab, criticalPath, from, logs, logLevel, logText, span };
  return stateParams({ ...PLAIN_STATE, ...kept });
}
