import { CliError } from '../../../core/command/client/explorer-client.ts';
import { counted } from '../../../lib/text/words.ts';
import { MOST_ROWS } from '../clickhouse/statements.ts';
import type { Table } from '../clickhouse/tables.ts';
import type { Item, Origin, Row, Signal } from './items.ts';
import { itemOf, SPANS } from './items.ts';

/** Bytes after which a trace goes on in another document. */
const MOST_DOCUMENT = 4 * 1024 * 1024;

/** What is known of rows that come. */
export interface Shape extends Origin {
  readonly weights: ReadonlyMap<string, number>;
  /** Gets the hashes of the traces that came. */
  readonly traces: Set<string>;
  /** Counts the rows without a time or an id that OTLP takes. */
  wrong: number;
}

/**
 * Rows as documents of OTLP JSON, of spans a trace in each, or in several where it is large.
 * @param rows each has the hash of its trace, and the table's columns
 * @throws CliError after too many rows, and as the rows do; after a document with those before
 */
export async function* documentsOf(
  signal: Signal,
  rows: AsyncIterable<readonly unknown[]>,
  { columns }: Table,
  shape: Shape,
): AsyncGenerator<string> {
  const names = [...columns.keys()];
  let [items, bytes, last, count]: [Item[], number, string, number] = [[], 0, '', 0];
  try {
    for await (const [hash, ...values] of rows) {
      const trace = String(hash);
      const weight = shape.weights.get(trace);
      if (weight === undefined) continue; // it came since the traces were chosen
      if (++count > MOST_ROWS) throw new CliError(`It ends after ${counted(MOST_ROWS, 'row')}.`);
      const row: Row = Object.fromEntries(names.map((name, at) => [name, values[at]]));
      let item: Item;
      try {
        item = itemOf(row, signal, weight, shape);
      } catch {
        shape.wrong += 1;
        continue;
      }
      const isOther = signal === SPANS && trace !== last;
      if (items.length > 0 && (bytes > MOST_DOCUMENT || isOther)) {
        yield documentOf(signal, items);
        [items, bytes] = [[], 0];
      }
      last = trace;
      items.push(item);
      bytes += item.item.length + item.around.length;
      shape.traces.add(trace);
    }
  } finally {
    if (items.length > 0) yield documentOf(signal, items);
  }
}

/** Items of one resource and scope stand together. */
function documentOf({ lists }: Signal, items: readonly Item[]): string {
  const groups = Map.groupBy(items, ({ around }) => around);
  const each = Array.from(groups, ([around, own]) => `${around}${own.map(({ item }) => item).join()}]}]}`);
  return `{"${lists.resources}":[${each.join()}]}\n`;
}
