import { getOrMake } from '../../shared/get-or-make.ts';
import type { SpanRecord } from '../read/span-record.ts';

export interface Deduplicated {
  readonly records: readonly SpanRecord[];
  /** Positions in `records` of spans that share their id with a different span. */
  readonly conflicting: ReadonlySet<number>;
  /** How many equal copies were left out (an exporter's retry, usually). */
  readonly dropped: number;
}

/** Keeps one of several equal copies of a span, and every one of different spans that share an id. */
export function mergeDuplicates(records: readonly SpanRecord[]): Deduplicated {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { spanId } of records) {
    if (seen.has(spanId)) shared.add(spanId);
    else seen.add(spanId);
  }
  if (shared.size === 0) return { records, conflicting: new Set(), dropped: 0 };
  const kept: SpanRecord[] = [];
  // By id, and of each by content: a faulty sender may give all of its spans one id.
  const positions = new Map<string, Map<string, number>>();
  for (const record of records) {
    if (shared.has(record.spanId)) {
      const same = getOrMake(positions, record.spanId, () => new Map<string, number>());
      if (same.has(record.fingerprint)) continue;
      same.set(record.fingerprint, kept.length);
    }
    kept.push(record);
  }
  const conflicting = new Set<number>();
  for (const same of positions.values()) {
    if (same.size > 1) for (const position of same.values()) conflicting.add(position);
  }
  return { records: kept, conflicting, dropped: records.length - kept.length };
}
