import { useState } from 'preact/hooks';
import { formatCount } from '../values/format.ts';
import { IconButton } from './inputs/icon-button.tsx';

interface PagerProps {
  /** Of a list in pages: its name, and the name of its items after the numbers. */
  readonly list: string;
  readonly items?: string;
  /** Position of the first shown item, and the numbers of shown items, of all, and of a page. */
  readonly first: number;
  readonly shown: number;
  readonly all: number;
  readonly page: number;
  readonly onFirst: (first: number) => void;
}

/** Which part of a list is shown, between the ways to the parts before and after it. */
export function Pager({ list, items, first, shown, all, page, onFirst }: PagerProps) {
  return (
    <span class="line">
      <IconButton
        icon="chevron-left"
        label={`${list} before these`}
        disabled={first === 0}
        onPress={() => onFirst(Math.max(0, first - page))}
      />
      <span role="status">
        {formatCount(first + 1)}–{formatCount(first + shown)} of {formatCount(all)}
        {items !== undefined && ` ${items}`}
      </span>
      <IconButton
        icon="chevron-right"
        label={`${list} after these`}
        disabled={first + shown === all}
        onPress={() => onFirst(first + shown)}
      />
    </span>
  );
}

/** Rows of a page. */
const PAGE = 20;

/** A page of some rows, for more than a screen has room for, and what leads to the others. @param list names the rows */
export function usePages<Row>(list: string, rows: readonly Row[]) {
  const [chosen, onFirst] = useState(0);
  const first = chosen < rows.length ? chosen : 0;
  const shown = rows.slice(first, first + PAGE);
  const pages = { list, first, shown: shown.length, all: rows.length, page: PAGE, onFirst };
  return { shown, pager: rows.length > PAGE && <Pager {...pages} /> };
}
