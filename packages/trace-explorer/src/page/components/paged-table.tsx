import { useState } from 'preact/hooks';
import { Pager } from './pager.tsx';
import type { TableProps } from './table.tsx';
import { Table } from './table.tsx';

const PAGE = 20;

/** A table in pages, for more rows than a screen has room for. */
export function PagedTable<Row>({ rows, ...props }: TableProps<Row>) {
  const [chosen, onFirst] = useState(0);
  const first = chosen < rows.length ? chosen : 0;
  const shown = rows.slice(first, first + PAGE);
  const pages = { first, shown: shown.length, all: rows.length, page: PAGE, onFirst };
  return (
    <>
      <Table {...props} rows={shown} />
      {rows.length > PAGE && <Pager list={props.caption} {...pages} />}
    </>
  );
}
