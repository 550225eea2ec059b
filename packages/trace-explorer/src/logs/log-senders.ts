import type { SpanStore } from '../store/store.ts';
import { logColumns } from './log-columns.ts';

/** Number and time of a sender's stored log records. */
export interface SenderLogs {
  readonly count: number;
  /** When the last one arrived, milliseconds since the epoch. */
  readonly lastSeen: number;
}

/** Counts the log records of each dataset that has some. */
export async function readLogSenders(store: SpanStore): Promise<ReadonlyMap<string, SenderLogs>> {
  if (store.stats().logs === 0) return new Map();
  const { rows } = await store.read(
    `SELECT _dataset, count(*), max(_received) // 1000000 FROM spans WHERE ${logColumns(store).isLog} GROUP BY 1`,
    [],
    { short: true },
  );
  return new Map(
    rows.map(([dataset, count, at]) => [String(dataset), { count: Number(count), lastSeen: Number(at) }]),
  );
}
