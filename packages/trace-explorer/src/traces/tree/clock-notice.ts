import { formatDuration } from '../../shared/format-duration.ts';
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

/** Names services whose clocks differ, with the largest difference: `user-lookup is 700 ms ahead of activities-api`. */
export function describeClocks({ records, parent, untimed, shift }: Shifted): string {
  const pairs = new Map<string, { service: string; than: string; by: number }>();
  for (const [index, { service }] of records.entries()) {
    const above = parent[index] ?? -1;
    const by = (shift[above] ?? 0) - (shift[index] ?? 0);
    if (above < 0 || untimed.has(index) || untimed.has(above)) continue;
    const than = records[above]?.service ?? '';
    const key = JSON.stringify([service, than, by > 0]);
    if (Math.abs(by) > Math.abs(pairs.get(key)?.by ?? 0)) pairs.set(key, { service, than, by });
  }
  const found = [...pairs.values()].sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
  const named = found.slice(0, MAX_NAMED).map(({ service, than, by }) => {
    return `${service} is ${formatDuration(Math.abs(by) / 1e6)} ${by > 0 ? 'ahead of' : 'behind'} ${than}`;
  });
  const rest = found.length - MAX_NAMED;
  return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}
