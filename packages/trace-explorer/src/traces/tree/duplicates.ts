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
  const positions = new Map<string, number[]>();
  for (const record of records) {
    if (shared.has(record.spanId)) {
      const same = positions.get(record.spanId) ?? [];
      if (same.some((position) => kept[position]?.fingerprint === record.fingerprint)) continue;
      same.push(kept.length);
      positions.set(record.spanId, same);
    }
    kept.push(record);
  }
  const conflicting = new Set<number>();
  for (const same of positions.values()) {
    if (same.length > 1) for (const position of same) conflicting.add(position);
  }
  return { records: kept, conflicting, dropped: records.length - kept.length };
}
