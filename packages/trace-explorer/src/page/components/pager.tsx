import { useMemo, useState } from 'preact/hooks';
import { formatCount } from '../values/format.ts';
import { IconButton } from './inputs/icon-button.tsx';

const PAGE = 20;

/**
 * A page of some rows, for more than a screen has room for, and which part of them it is, between the ways to the parts before and
 * after it.
 * @param list names the rows
 * @param options the rows of a page, and their name after the numbers
 */
export function usePages<Row>(
  list: string,
  rows: readonly Row[],
  { size = PAGE, items }: { readonly size?: number; readonly items?: string } = {},
) {
  const [chosen, setFirst] = useState(0);
  const first = chosen < rows.length ? chosen : 0;
  const shown = useMemo(() => rows.slice(first, first + size), [rows, first, size]);
  const end = first + shown.length;
  const pager = rows.length > size && (
    <span class="line">
      <IconButton
        icon="chevron-left"
        label={`${list} before these`}
        disabled={first === 0}
        onPress={() => setFirst(Math.max(0, first - size))}
      />
      <span role="status">
        {formatCount(first + 1)}–{formatCount(end)} of {formatCount(rows.length)}
        {items !== undefined && ` ${items}`}
      </span>
      <IconButton
        icon="chevron-right"
        label={`${list} after these`}
        disabled={end === rows.length}
        onPress={() => setFirst(end)}
      />
    </span>
  );
  return { shown, pager };
}
