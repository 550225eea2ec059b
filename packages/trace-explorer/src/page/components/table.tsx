import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useVirtualRows } from './virtual-rows.ts';

export interface TableColumn<Row> {
  readonly key: string;
  readonly title: ComponentChildren;
  /** Right-aligned, with tabular digits. */
  readonly numeric?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
  /** When given, the header sorts by this column. */
  readonly sorted?: 'ascending' | 'descending' | 'none';
  readonly onSort?: () => void;
}

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string;
}

/** A table of rows of one height; of a long table only the rows in the window are in the document. */
export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [height, setHeight] = useState<number>();
  const { items, total } = useVirtualRows(body, rows.length, height);
  // Higher than elsewhere where a narrow window gives a row two lines.
  useLayoutEffect(() => {
    const row = body.current?.querySelector('tr:not(.table-gap)');
    if (row) setHeight(row.getBoundingClientRect().height);
  });
  const before = items[0]?.start ?? 0;
  const after = total - (items.at(-1)?.end ?? 0);
  return (
    <section
      class="table-scroller"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={caption}
    >
      <table class="data-table" aria-rowcount={rows.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                class={column.numeric ? 'numeric' : undefined}
                aria-sort={column.sorted}
              >
                {column.onSort === undefined ? (
                  column.title
                ) : (
                  <button type="button" class="plain" onClick={column.onSort}>
                    {column.title}
                    <span aria-hidden="true">{arrows[column.sorted ?? 'none']}</span>
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {before > 0 && <Gap height={before} />}
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <tr key={keyOf(row, item.index)} aria-rowindex={item.index + 2}>
                {columns.map((column) => (
                  <td key={column.key} class={column.numeric ? 'numeric' : undefined}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <Gap height={after} />}
        </tbody>
      </table>
    </section>
  );
}

const arrows = { ascending: ' ↑', descending: ' ↓', none: '' };

/** Takes the height of rows that are out of sight. */
function Gap({ height }: { height: number }) {
  return (
    <tr class="table-gap">
      <td style={{ height: `${height}px` }} />
    </tr>
  );
}
