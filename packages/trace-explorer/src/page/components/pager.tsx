import { formatCount } from '../values/format.ts';
import { Icon } from './icon.tsx';

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
    <span class="pager line">
      <button
        type="button"
        class="icon"
        aria-label={`${list} before these`}
        disabled={first === 0}
        onClick={() => onFirst(Math.max(0, first - page))}
      >
        <Icon name="chevron-left" />
      </button>
      <span role="status">
        {formatCount(first + 1)}–{formatCount(first + shown)} of {formatCount(all)}
        {items !== undefined && ` ${items}`}
      </span>
      <button
        type="button"
        class="icon"
        aria-label={`${list} after these`}
        disabled={first + shown === all}
        onClick={() => onFirst(first + shown)}
      >
        <Icon name="chevron-right" />
      </button>
    </span>
  );
}
