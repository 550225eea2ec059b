import { getOrMake } from '../../../lib/get-or-make.ts';
import type { SpanRecord } from '../read/span-record.ts';

export interface Parents {
  /** Position of each span's parent, -1 for a root. */
  readonly parent: Int32Array;
  /** Spans whose named parent is not in the trace. */
  readonly missing: ReadonlySet<number>;
  /** Spans whose link to their parent was cut, because the link closed a cycle. */
  readonly cut: ReadonlySet<number>;
  /** Spans that share their id with a different span. */
  readonly sharing: ReadonlySet<number>;
}

/**
 * Finds every span's parent. A CLIENT and a SERVER span with one id are the two sides of a call (B3's shared spans): the SERVER
 * span is below. When several other spans share the parent's id, the parent is the span of the child's own service, or else the
 * first one. A cycle is opened at its earliest span. Takes linear time, without recursion.
 */
export function linkParents(records: readonly SpanRecord[]): Parents {
  // Nearly every id belongs to one span. Lists are kept only for the other ids.
  const firstOf = new Map<string, number>();
  /** The first span of each service, for an id that several spans share. */
  const shared = new Map<string, Map<string, number>>();
  const sharing = new Set<number>();
  /** The CLIENT span of each SERVER span that shares its id. */
  const clientOf = new Map<number, number>();
  for (const [index, { spanId, service, kind }] of records.entries()) {
    const first = firstOf.get(spanId);
    if (first === undefined) {
      firstOf.set(spanId, index);
      continue;
    }
    const byService = getOrMake(shared, spanId, () => new Map([[records[first]?.service ?? '', first]]));
    const kinds = `${records[first]?.kind} ${kind}`;
    if (byService.size === 1 && kinds === 'client server') clientOf.set(index, first);
    else if (byService.size === 1 && kinds === 'server client') clientOf.set(first, index);
    else sharing.add(first).add(index);
    if (!byService.has(service)) byService.set(service, index);
  }
  const parent = new Int32Array(records.length).fill(-1);
  const missing = new Set<number>();
  for (const [index, record] of records.entries()) {
    const client = clientOf.get(index);
    if (client !== undefined) {
      parent[index] = client;
      continue;
    }
    if (record.parentId === '') continue;
    const first = firstOf.get(record.parentId);
    if (first === undefined) missing.add(index);
    else parent[index] = shared.get(record.parentId)?.get(record.service) ?? first;
  }
  return { parent, missing, cut: cutCycles(parent, records), sharing };
}

function cutCycles(parent: Int32Array, records: readonly SpanRecord[]): ReadonlySet<number> {
  const cut = new Set<number>();
  // The walk that first reached a span. Reaching a span of the present walk again means a cycle.
  const walkOf = new Int32Array(parent.length).fill(-1);
  for (let walk = 0; walk < parent.length; walk++) {
    let at = walk;
    while (at >= 0 && walkOf[at] === -1) {
      walkOf[at] = walk;
      at = parent[at] ?? -1;
    }
    if (at < 0 || walkOf[at] !== walk) continue;
    const earliest = earliestOnCycle(at, parent, records);
    parent[earliest] = -1;
    cut.add(earliest);
  }
  return cut;
}

function earliestOnCycle(from: number, parent: Int32Array, records: readonly SpanRecord[]): number {
  let earliest = from;
  for (let at = parent[from] ?? from; at !== from; at = parent[at] ?? from) {
    if ((records[at]?.start ?? 0n) < (records[earliest]?.start ?? 0n)) earliest = at;
  }
  return earliest;
}
