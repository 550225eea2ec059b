import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';

export interface TableColumn<Row> {
  /** Absent: the title, which is a text then. */
  readonly key?: string;
  readonly title: ComponentChildren;
  /** Aligned to the right, with tabular digits. */
  readonly numeric?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
  /** Makes the header a button that sorts by this column. */
  readonly sorted?: 'ascending' | 'descending' | 'none';
  readonly onSort?: () => void;
}

export interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row, index: number) => string;
}

/** A table. When it is wider than the window, it scrolls sideways. */
export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  return (
    <section
      class="table-scroller"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={caption}
    >
      <table class="data-table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={columnKey(column)}
                scope="col"
                class={column.numeric ? 'numeric' : undefined}
                aria-sort={column.sorted}
              >
                {column.onSort === undefined ? (
                  column.title
                ) : (
                  <button type="button" class="plain" onClick={column.onSort}>
                    {column.title}
                    {column.sorted !== undefined && column.sorted !== 'none' && (
                      <Icon name={ARROWS[column.sorted]} />
                    )}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keyOf(row, index)}>
              {columns.map((column) => (
                <td key={columnKey(column)} class={column.numeric ? 'numeric' : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function columnKey({ key, title }: Pick<TableColumn<never>, 'key' | 'title'>): string {
  return key ?? String(title);
}

const ARROWS = { ascending: 'arrow-up', descending: 'arrow-down' } as const;
