import type { Traffic } from '../../../map/service-map.ts';
import { formatCount, formatDuration, formatRate, formatShare } from '../../format.ts';

/** All numbers in one line; `range` is the seconds that they were counted in. */
export function trafficText({ count, errors, error_share, p50_ms, p99_ms }: Traffic, range: number): string {
  return `${formatCount(count)} calls, ${formatRate(count, range)}, ${formatCount(errors)} errors (${formatShare(error_share)}), P50 ${formatDuration(p50_ms)}, P99 ${formatDuration(p99_ms)}`;
}
