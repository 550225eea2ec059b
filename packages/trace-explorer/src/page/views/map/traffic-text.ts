import type { Traffic } from '../../../map/service-map.ts';
import { formatCount, formatDuration, formatNumber, formatShare } from '../../format.ts';

/** All numbers in one line. */
export function trafficText({
  count,
  rate_per_second,
  errors,
  error_share,
  p50_ms,
  p99_ms,
}: Traffic): string {
  return `${formatCount(count)} calls, ${rateText(rate_per_second)}, ${formatCount(errors)} errors (${formatShare(error_share)}), P50 ${formatDuration(p50_ms)}, P99 ${formatDuration(p99_ms)}`;
}

/** Requests per second, or per minute where there is less than one per second. */
export function rateText(perSecond: number): string {
  return perSecond >= 1 || perSecond === 0
    ? `${formatNumber(perSecond)}/s`
    : `${formatNumber(perSecond * 60)}/min`;
}
