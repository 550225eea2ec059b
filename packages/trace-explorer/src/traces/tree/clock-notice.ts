import { formatDuration } from '../../shared/format-duration.ts';
import { getOrMake } from '../../shared/get-or-make.ts';
import type { SpanRecord } from '../read/span-record.ts';
import type { Parents } from './parents.ts';

interface Shifted extends Pick<Parents, 'parent'> {
  readonly records: readonly SpanRecord[];
  readonly untimed: ReadonlySet<number>;
  /** Nanoseconds added to each span. */
  readonly shift: Float64Array;
}

/** Pairs of services that are named; others are counted. */
const MAX_NAMED = 3;

/** Whose clock differs from whose, and by how much: `user-lookup is 700 ms ahead of activities-api`. */
export function describeClocks({ records, parent, untimed, shift }: Shifted): string {
  const pairs = new Map<string, { service: string; than: string; least: number; most: number }>();
  for (const [index, record] of records.entries()) {
    const above = parent[index] ?? -1;
    const by = (shift[above] ?? 0) - (shift[index] ?? 0);
    if (above < 0 || by === 0 || untimed.has(index) || untimed.has(above)) continue;
    const than = records[above]?.service ?? '';
    const key = JSON.stringify([record.service, than, by > 0]);
    const pair = getOrMake(pairs, key, () => ({ service: record.service, than, least: by, most: by }));
    pair.least = Math.min(pair.least, by);
    pair.most = Math.max(pair.most, by);
  }
  const found = [...pairs.values()].sort((a, b) => largest(b) - largest(a));
  const rest = found.length - MAX_NAMED;
  const named = found
    .slice(0, MAX_NAMED)
    .map(
      (pair) => `${pair.service} is ${amount(pair)} ${pair.most > 0 ? 'ahead of' : 'behind'} ${pair.than}`,
    );
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

function largest({ least, most }: { least: number; most: number }): number {
  return Math.max(Math.abs(least), Math.abs(most));
}

function amount({ least, most }: { least: number; most: number }): string {
  const [low, high] = [Math.min(Math.abs(least), Math.abs(most)), largest({ least, most })];
  const [from, to] = [formatDuration(low / 1e6), formatDuration(high / 1e6)];
  return from === to ? to : `${from} to ${to}`;
}
