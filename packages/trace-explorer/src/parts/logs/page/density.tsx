import type { LogDensity } from '../../../core/logs/schemas.ts';
import { counted } from '../../../lib/text/words.ts';
import { useDrag } from '../../../page/browser/use-drag.ts';
import { describeSeconds } from '../../../page/components/times/describe-times.ts';
import { formatCount, formatTime } from '../../../page/values/format.ts';

export interface DensityProps {
  readonly density: LogDensity;
  /** Narrows the list to a time range, seconds since the epoch. */
  readonly onRange: (start: number, end: number) => void;
}

/** From the bottom up. The most important levels are at the bottom. */
const PARTS = [
  { color: 'var(--err)', title: 'error, fatal', levels: ['error', 'fatal'] },
  { color: 'var(--warn)', title: 'warn', levels: ['warn'] },
  { color: 'var(--line2)', title: 'info and below', levels: ['info', 'debug', 'trace', 'unspecified'] },
] as const;

/** The number of lines over time, by level. Dragging narrows the time range. */
export function DensityBars({ density, onRange }: DensityProps) {
  const { start_time: start, end_time: end, bucket_seconds: size, levels, total } = density;
  const count = Math.max(1, Math.round((end - start) / size));
  const buckets = Array.from({ length: count }, (_, i) =>
    PARTS.map(({ levels: names }) => names.reduce((sum, name) => sum + (levels[name]?.[i] ?? 0), 0)),
  );
  const most = Math.max(1, ...buckets.map((counts) => counts.reduce((sum, each) => sum + each, 0)));
  const sums = PARTS.map((_, part) => buckets.reduce((sum, counts) => sum + (counts[part] ?? 0), 0));
  const bucketAt = (share: number) => Math.min(count - 1, Math.floor(share * count));
  const { marked, handlers } = useDrag((from, to) =>
    onRange(start + bucketAt(from) * size, start + (bucketAt(to) + 1) * size),
  );
  const about = (counts: readonly number[]) =>
    PARTS.map(({ title }, part) => `${formatCount(counts[part] ?? 0)} ${title}`).join(', ');
  // Bars of whole seconds begin at whole seconds.
  const clock = (at: number) => formatTime(at * 1000).replace('.000', '');
  const percent = (buckets: number) => `${(100 * buckets) / count}%`;
  return (
    <figure class="density band column">
      <div
        class="density-bars within drags"
        role="img"
        aria-label={`${counted(total, 'line')} from ${clock(start)} to ${clock(end)}: ${about(sums)}`}
        {...handlers}
      >
        {buckets.map((counts, i) => (
          <span key={i} title={`${clock(start + i * size)}: ${about(counts)}`}>
            {PARTS.map(
              ({ color, title }, part) =>
                (counts[part] ?? 0) > 0 && (
                  <i
                    key={title}
                    style={{ height: `${(100 * (counts[part] ?? 0)) / most}%`, background: color }}
                  />
                ),
            )}
          </span>
        ))}
        {marked && (
          <span
            class="marked"
            style={{
              left: percent(bucketAt(marked[0])),
              width: percent(bucketAt(marked[1]) + 1 - bucketAt(marked[0])),
            }}
          />
        )}
      </div>
      <figcaption class="line apart label">
        <span>{clock(start)}</span>
        <span class="density-key line">
          {PARTS.map(({ color, title }, part) => (
            <span key={title}>
              <i class="service-mark" style={{ '--own': color }} aria-hidden="true" />{' '}
              {formatCount(sums[part] ?? 0)} {title}
            </span>
          ))}
        </span>
        <span>
          at most {formatCount(most)} in {describeSeconds(size)}
        </span>
        <span>{clock(end)}</span>
      </figcaption>
    </figure>
  );
}
