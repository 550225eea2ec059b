import type { RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import { useHeight } from '../../../../page/browser/use-width.ts';
import { ROW_HEIGHT } from '../../../../page/components/long-lists/virtual-rows.ts';
import { useIsNarrow } from '../layout/use-is-narrow.ts';
import { foldingOf, visibleRows } from '../state/folding.ts';
import { PLAIN_STATE } from '../state/trace-state.ts';
import type { ShownTrace } from '../state/use-actions.ts';

/**
 * Whether the log lines stand below the waterfall: as was chosen, else where the rows of the trace, with nothing folded by hand,
 * fill less than half of the height.
 * @param main contains waterfall and log lines
 */
export function useHasLogs(main: RefObject<HTMLElement | null>, shown: ShownTrace): boolean {
  const { model, state, logs, folding } = shown;
  const height = useHeight(main);
  const isNarrow = useIsNarrow();
  const rows = useMemo(
    () => visibleRows(model, foldingOf(model, PLAIN_STATE, { runs: folding.runs })).length,
    [model, folding.runs],
  );
  if (state.logs !== undefined) return state.logs;
  return !isNarrow && logs.lines.length > 0 && rows * ROW_HEIGHT < height / 2;
}
