import type { ComponentChildren } from 'preact';
import type { Failing } from '../api/failed-text.ts';
import { failedText } from '../api/failed-text.ts';
import { about, formatCount, formatDuration, formatRate } from '../values/format.ts';
import type { ListedColumn } from './listed-table.tsx';

interface Figures extends Failing {
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly total_ms?: number;
}

interface FigureOptions<Row> {
  readonly counted: string;
  /** The length of the time range. */
  readonly seconds: number;
  /** A row with failures; red or not, and a link or not. */
  readonly failed: (row: Row, text: string) => ComponentChildren;
}

/** Columns of figures with heads that sort, in the given order. */
export function figureColumns<Row extends Figures>(
  keys: readonly ('count' | 'rate' | 'errors' | 'p50' | 'p95' | 'time')[],
  { counted, seconds, failed }: FigureOptions<Row>,
): ListedColumn<Row>[] {
  const total = ({ total_ms = 0 }: Row) => total_ms;
  // A service may call others and answer nobody.
  const took = (ms: (row: Row) => number) => (row: Row) =>
    row.count === 0 ? '–' : about(formatDuration(ms(row)), row.stored);
  const columns: Record<(typeof keys)[number], Omit<ListedColumn<Row>, 'key'>> = {
    count: {
      title: counted,
      value: ({ count }) => count,
      cell: ({ count, stored }) => about(formatCount(count), stored),
    },
    rate: {
      title: 'Rate',
      value: ({ count }) => count,
      cell: ({ count, stored }) => about(formatRate(count, seconds), stored),
    },
    errors: {
      title: 'Failed',
      value: ({ errors }) => errors,
      cell: (row) => (row.errors === 0 ? <span class="muted">0</span> : failed(row, failedText(row))),
    },
    p50: { title: 'P50', value: ({ p50_ms }) => p50_ms, cell: took(({ p50_ms }) => p50_ms) },
    p95: { title: 'P95', value: ({ p95_ms }) => p95_ms, cell: took(({ p95_ms }) => p95_ms) },
    time: {
      title: 'Total time',
      value: total,
      cell: (row) => (row.count === 0 ? '–' : about(formatDuration(total(row)), row.stored)),
    },
  };
  return keys.map((key) => ({ key, numeric: true, ...columns[key] }));
}
