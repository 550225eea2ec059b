import { useKeys } from './use-keys.ts';

/** A row of a list: the link or button that opens it has this mark, or it is the first one in a table's row. */
const ROWS = '[data-row], .data-table tbody tr';

/** `j` and `k` go to the next and the previous row of the view; Enter then opens it. A view with such keys of its own keeps them. */
export function useRowKeys(): void {
  useKeys({ j: () => step(1), k: () => step(-1) }, window);
}

/** Puts the focus on the first row of the view. False when it has none. */
export function focusFirstRow(): boolean {
  return focusRow(rows()[0]);
}

function step(by: 1 | -1): boolean {
  const { activeElement } = document;
  const grid =
    activeElement?.closest('[role="treegrid"]') ?? document.querySelector('main [role="treegrid"]');
  const all = rows();
  if (all.length === 0 && grid instanceof HTMLElement) {
    grid.focus();
    const key = by === 1 ? 'ArrowDown' : 'ArrowUp';
    grid.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    return true;
  }
  const at = all.findIndex((each) => each.contains(activeElement));
  return focusRow(at < 0 ? all[0] : all[Math.min(all.length - 1, Math.max(0, at + by))]);
}

function rows(): Element[] {
  // A row of a table that has a mark in it is one row.
  const found = [...document.querySelectorAll(`main :is(${ROWS})`)];
  return found.filter((each) => each.matches('tr') || each.closest('.data-table tbody tr') === null);
}

function focusRow(row: Element | undefined): boolean {
  const way = row?.matches('[data-row]')
    ? row
    : (row?.querySelector('[data-row]') ?? row?.querySelector('a[href], button:not(:disabled)'));
  if (!(way instanceof HTMLElement)) return false;
  way.focus();
  way.scrollIntoView({ block: 'nearest' });
  return true;
}
