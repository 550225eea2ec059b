import { useMemo, useState } from 'preact/hooks';
import { usePages } from './pager.tsx';
import type { TableColumn, TableProps } from './table.tsx';
import { columnKey, Table } from './table.tsx';

export interface ListedColumn<Row> extends Omit<TableColumn<Row>, 'sorted' | 'onSort'> {
  /** The value by which the head sorts. */
  readonly value?: (row: Row) => number | string;
}

interface ListedTableProps<Row> extends Omit<TableProps<Row>, 'columns'> {
  readonly columns: readonly ListedColumn<Row>[];
  /** Key of the column that sorts at first; the rows' own order when left out. */
  readonly by?: string;
  /** Said instead of a table without rows. */
  readonly none?: string;
}

/** A table in pages whose heads sort: numbers from the largest, texts from the first letter; a second press turns the order. */
export function ListedTable<Row>({ columns, rows, by, none, ...props }: ListedTableProps<Row>) {
  const [{ key, isTurned }, setSort] = useState({ key: by, isTurned: false });
  const column = columns.find((each) => columnKey(each) === key);
  const isDescending = (column?.numeric ?? false) !== isTurned;
  const sorted = useMemo(() => {
    const value = column?.value;
    if (value === undefined) return rows;
    const sign = isDescending ? -1 : 1;
    return rows.toSorted((a, b) => {
      const [left, right] = [value(a), value(b)];
      return sign * (left < right ? -1 : left > right ? 1 : 0);
    });
  }, [rows, key, isTurned]);
  const { shown, pager } = usePages(props.caption, sorted);
  if (rows.length === 0 && none !== undefined) return <p class="inset muted">{none}</p>;
  return (
    <>
      <Table
        {...props}
        rows={shown}
        columns={columns.map((each) => {
          const own = columnKey(each);
          if (each.value === undefined) return each;
          return {
            ...each,
            sorted: own !== key ? 'none' : isDescending ? 'descending' : 'ascending',
            onSort: () => setSort({ key: own, isTurned: own === key && !isTurned }),
          };
        })}
      />
      {pager && <div class="card-foot">{pager}</div>}
    </>
  );
}
