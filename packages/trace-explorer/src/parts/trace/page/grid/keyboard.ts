import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { rowStep } from '../../../../page/components/long-lists/row-step.ts';
import type { Folding } from '../state/folding.ts';
import { closedRun, isFolded, openRun } from '../state/folding.ts';

interface Here {
  readonly model: TraceModel;
  readonly rows: Int32Array;
  readonly folding: Folding;
  /** Selected row; -1 for none. */
  readonly row: number;
  readonly page: number;
}

interface Move {
  readonly select?: number;
  readonly toggle?: number;
  readonly closeRun?: number;
  readonly open?: number;
}

/** The movement for a key in a tree grid, after WAI-ARIA's authoring practices; undefined for other keys. */
export function moveOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  here: Here,
): Move | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const { model, rows, folding, row, page } = here;
  const to = (wanted: number): Move | undefined => {
    const select = rows[Math.max(0, Math.min(rows.length - 1, wanted))];
    return select === undefined ? undefined : { select };
  };
  const index = rows[row];
  const step = rowStep(event.key, page);
  if (step !== undefined) return to(row + step);
  if (index === undefined) return undefined;
  const isRun = closedRun(folding, index) !== undefined;
  const hasBelow = isRun || (folding.kept === undefined && (model.children[index] ?? 0) > 0);
  const isOpen = hasBelow && !isRun && !isFolded(model, folding, index);
  switch (event.key) {
    case 'Enter':
      return { open: index };
    case ' ':
      return hasBelow ? { toggle: index } : {};
    case 'ArrowRight':
      if ((model.children[index] ?? 0) === 0 && !isRun) return {};
      return isRun || isFolded(model, folding, index) ? { toggle: index } : to(row + 1);
    case 'ArrowLeft': {
      if (isOpen) return { toggle: index };
      if (openRun(folding, index) !== undefined) return { closeRun: index };
      const parent = model.parent[index] ?? -1;
      return parent >= 0 && parent >= (folding.root ?? 0) ? { select: parent } : {};
    }
  }
  return undefined;
}
