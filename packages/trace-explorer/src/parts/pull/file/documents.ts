import type { JsonAttribute } from '../../../core/files/foreign/otlp-json.ts';
import type { Item, Row, Signal } from './items.ts';
import { itemOf, SPANS } from './items.ts';

/** Bytes after which a trace goes on in another document. */
const MOST_DOCUMENT = 4 * 1024 * 1024;

/** Spans and log records of a pull. */
export const MOST_ROWS = 1_000_000;

/** What is known of rows that come. */
export interface Shape {
  readonly weights: ReadonlyMap<string, number>;
  /** Attributes that each resource gets. */
  readonly origin: readonly JsonAttribute[];
  /** Gets the names whose types are guessed. */
  readonly guessed: Set<string>;
  /** Gets the ids of the traces that came. */
  readonly traces: Set<string>;
  /** Counts: rows that became spans or log records, and rows without a time or an id that OTLP takes. */
  readonly counts: { spans: number; logs: number; wrong: number };
}

/**
 * Rows as documents of OTLP JSON: of spans a trace in each, or in several where it is large.
 * @param rows each begins with the hash of its trace
 * @param columns the names of what follows
 * @throws as the rows do, after a document with those before
 */
export async function* documentsOf(
  signal: Signal,
  rows: AsyncIterable<readonly unknown[]>,
  columns: Iterable<string>,
  { weights, origin, guessed, traces, counts }: Shape,
): AsyncGenerator<string> {
  const names = [...columns];
  let [items, bytes, last]: [Item[], number, string] = [[], 0, ''];
  try {
    for await (const [hash, ...values] of rows) {
      const trace = String(hash);
      const weight = weights.get(trace);
      if (weight === undefined) continue; // it came since the traces were chosen
      const row: Row = Object.fromEntries(names.map((name, at) => [name, values[at]]));
      let item: Item;
      try {
        item = itemOf(row, signal, weight, origin, guessed);
      } catch {
        counts.wrong += 1;
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
      if (signal === SPANS) traces.add(trace);
      counts[signal.counted] += 1;
      if (counts[signal.counted] === MOST_ROWS) break;
    }
  } finally {
    if (items.length > 0) yield documentOf(signal, items);
  }
}

/** Items of one resource and scope stand together. */
function documentOf({ resources }: Signal, items: readonly Item[]): string {
  const groups = Map.groupBy(items, ({ around }) => around);
  const each = Array.from(groups, ([around, own]) => `${around}[${own.map(({ item }) => item).join()}]}]}`);
  return `{"${resources}":[${each.join()}]}\n`;
}
