import type { Range } from '../../../core/places/range.ts';
import { secondsOf } from '../../../core/places/shown-range.ts';
import { failedShare } from '../../../page/api/failed-text.ts';
import { about, formatCount, formatDuration, formatRate, formatShare } from '../../../page/values/format.ts';
import type { CallTraffic, MapCall } from '../server/schemas.ts';
import type { Line } from './layout/plan.ts';

/** Pixels by which the thickest line is thicker than the thinnest. */
const THICKEST = 7;

interface CallLineProps {
  readonly line: Line;
  /** The spans of the call, each with its trace. */
  readonly href: string | undefined;
  /** The call's share of the time that the drawn calls took together, from 0 to 1: its thickness. */
  readonly share: number;
  readonly range: Range;
  /** Whether so many of its calls fail that it is red. */
  readonly isHigh: boolean;
  /** Whether it begins or ends at the box under the pointer; undefined where there is none. */
  readonly isLit: boolean | undefined;
}

/** A call between two services: a link to its traces. */
export function CallLine({
  line: { call, points, label },
  href,
  share,
  range,
  isHigh: fails,
  isLit,
}: CallLineProps) {
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  return (
    <a
      {...(href !== undefined && { href })}
      class={`map-call${isLit === undefined ? '' : isLit ? ' lit' : ' unlit'}`}
    >
      <title>{`${call.from} calls ${call.to}: ${trafficText(call, range)}, ${formatShare(share)} of the time of all drawn calls`}</title>
      <path d={path} class="map-hit" />
      <path
        d={path}
        class={fails ? 'map-edge failing' : 'map-edge'}
        stroke-width={1 + THICKEST * share}
        marker-end={fails ? 'url(#arrow-failing)' : 'url(#arrow)'}
      />
      {label && <Label call={call} at={label} share={share} range={range} isHigh={fails} />}
    </a>
  );
}

/** One text above the line and one below, so that the line crosses neither. */
function Label({
  call,
  at: { x, y },
  share,
  range,
  isHigh,
}: { call: MapCall; at: { x: number; y: number } } & Pick<CallLineProps, 'share' | 'range' | 'isHigh'>) {
  const estimate = (text: string) => about(text, call.estimated);
  return (
    <>
      <text x={x} y={y - 9}>
        {estimate(formatRate(call.count, secondsOf(range)))} · P95 {estimate(formatDuration(call.p95_ms))}
      </text>
      {call.errors > 0 ? (
        <text x={x} y={y + 18} class={isHigh ? 'failing' : 'muted'}>
          ✗ {failedShare(call)} errors
        </text>
      ) : (
        <text x={x} y={y + 18} class="muted">
          {formatShare(share)} of the time
        </text>
      )}
    </>
  );
}

/** All numbers in one line. */
export function trafficText(traffic: CallTraffic, range: Range): string {
  const estimate = (text: string) => about(text, traffic.estimated);
  const calls = `${estimate(formatCount(traffic.count))} calls, ${estimate(formatRate(traffic.count, secondsOf(range)))}`;
  const errors = `${about(formatCount(traffic.errors), traffic.errors_estimated)} errors (${failedShare(traffic)})`;
  if (traffic.count === 0) return calls;
  return `${calls}, ${errors}, P50 ${estimate(formatDuration(traffic.p50_ms))}, P95 ${estimate(formatDuration(traffic.p95_ms))}`;
}
