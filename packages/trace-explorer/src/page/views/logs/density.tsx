import { useRef, useState } from 'preact/hooks';
import type { LogDensity } from '../../../logs/log-density.ts';
import { useWidth } from '../../components/use-width.ts';
import { formatCount, formatTime } from '../../format.ts';

export interface DensityProps {
  readonly density: LogDensity;
  /** Narrows to a part of the time, seconds since the epoch. */
  readonly onRange: (start: number, end: number) => void;
}

/** From the bottom up: what matters most stands on the line. */
const PARTS = [
  { key: 'error', title: 'error, fatal', levels: ['error', 'fatal'] },
  { key: 'warn', title: 'warn', levels: ['warn'] },
  { key: 'other', title: 'info and below', levels: ['info', 'debug', 'trace', 'unspecified'] },
] as const;

const HEIGHT = 56;

/** How many lines there were over time, by level; dragging narrows the time. */
export function Density({ density, onRange }: DensityProps) {
  const root = useRef<SVGSVGElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [drag, setDrag] = useState<readonly [from: number, to: number]>();
  const { start_time: start, end_time: end, bucket_seconds: size, levels, total } = density;
  const count = Math.max(1, Math.round((end - start) / size));
  const counts = PARTS.map(({ levels: names }) =>
    Array.from({ length: count }, (_, i) => names.reduce((sum, name) => sum + (levels[name]?.[i] ?? 0), 0)),
  );
  const sums = counts.map((each) => each.reduce((sum, found) => sum + found, 0));
  const most = Math.max(
    1,
    ...Array.from({ length: count }, (_, i) => counts.reduce((sum, c) => sum + (c[i] ?? 0), 0)),
  );
  const step = width / count;
  const bucketAt = (event: PointerEvent) => {
    const left = root.current?.getBoundingClientRect().left ?? 0;
    return Math.min(count - 1, Math.max(0, Math.floor((event.clientX - left) / Math.max(1e-9, step))));
  };
  const dragged = drag && ([Math.min(...drag), Math.max(...drag)] as const);
  const about = PARTS.map(({ title }, i) => `${formatCount(sums[i] ?? 0)} ${title}`).join(', ');
  return (
    <figure class="density">
      <div ref={box}>
        <svg
          ref={root}
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={`${formatCount(total)} lines from ${formatTime(start * 1000)} to ${formatTime(end * 1000)}: ${about}`}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            const at = bucketAt(event);
            setDrag([at, at]);
          }}
          onPointerMove={(event) => drag && setDrag([drag[0], bucketAt(event)])}
          onPointerUp={() => {
            if (dragged) onRange(start + dragged[0] * size, start + (dragged[1] + 1) * size);
            setDrag(undefined);
          }}
          onPointerCancel={() => setDrag(undefined)}
        >
          <defs>
            <pattern
              id="density-warn"
              width="4"
              height="4"
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <rect class="density-warn-ground" width="4" height="4" />
              <rect class="density-warn-line" width="2" height="4" />
            </pattern>
          </defs>
          {Array.from({ length: count }, (_, i) => {
            let bottom = HEIGHT;
            return (
              <g key={i}>
                {PARTS.map(({ key }, part) => {
                  const found = counts[part]?.[i] ?? 0;
                  // One line among thousands can still be seen.
                  const height = found === 0 ? 0 : Math.max(2, (found / most) * (HEIGHT - 6));
                  bottom -= height;
                  return (
                    height > 0 && (
                      <rect
                        key={key}
                        class={`density-${key}`}
                        x={i * step}
                        y={bottom}
                        width={Math.max(1, step - 1)}
                        height={height}
                      />
                    )
                  );
                })}
                <rect class="density-hit" x={i * step} y={0} width={step} height={HEIGHT}>
                  <title>
                    {`${formatTime((start + i * size) * 1000)}: ${PARTS.map(({ title }, part) => `${formatCount(counts[part]?.[i] ?? 0)} ${title}`).join(', ')}`}
                  </title>
                </rect>
              </g>
            );
          })}
          {dragged && (
            <rect
              class="density-drag"
              x={dragged[0] * step}
              y={0}
              width={(dragged[1] - dragged[0] + 1) * step}
              height={HEIGHT}
            />
          )}
        </svg>
      </div>
      <figcaption>
        <span>{formatTime(start * 1000)}</span>
        {PARTS.map(({ key, title }, i) => (
          <span key={key}>
            <svg width="10" height="10" aria-hidden="true">
              <rect class={`density-${key}`} width="10" height="10" />
            </svg>{' '}
            {formatCount(sums[i] ?? 0)} {title}
          </span>
        ))}
        <span class="density-end">{formatTime(end * 1000)}</span>
      </figcaption>
    </figure>
  );
}
