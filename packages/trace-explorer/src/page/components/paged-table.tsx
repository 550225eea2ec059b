import { useState } from 'preact/hooks';
import { formatCount } from '../values/format.ts';
import type { TableProps } from './table.tsx';
import { Table } from './table.tsx';

const PAGE = 20;

/** A table in pages, for more rows than a screen has room for. */
export function PagedTable<Row>({ rows, ...props }: TableProps<Row>) {
  const [chosen, setFirst] = useState(0);
  const first = chosen < rows.length ? chosen : 0;
  const last = Math.min(first + PAGE, rows.length);
  const { caption } = props;
  return (
    <>
      <Table {...props} rows={rows.slice(first, last)} />
      {rows.length > PAGE && (
        <p class="line">
          <button
            type="button"
            aria-label={`${caption} before these`}
            disabled={first === 0}
            onClick={() => setFirst(first - PAGE)}
          >
            ‹
          </button>
          <span role="status">
            {formatCount(first + 1)}–{formatCount(last)} of {formatCount(rows.length)}
          </span>
          <button
            type="button"
            aria-label={`${caption} after these`}
            disabled={last === rows.length}
            onClick={() => setFirst(first + PAGE)}
          >
            ›
          </button>
        </p>
      )}
    </>
  );
}
