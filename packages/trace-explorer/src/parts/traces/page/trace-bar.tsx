import type { TraceSummary } from '../../../core/traces/list/summaries.ts';
import { useServiceColor } from '../../../page/components/services/service-colors.ts';
import { formatDuration, formatShare } from '../../../page/values/format.ts';
import type { DurationScale } from './duration-scale.ts';

/** Services with a stretch of their own. More would be thinner than a pixel. */
const MAX_PARTS = 60;

/** Pixels of a bar of full length, and of the smallest part with a colour of its own: smaller ones are one grey. */
const [FULL, LEAST] = [208, 4];

/** A bar for the duration of a trace, divided by the time spent in each service, the largest first. A bar beyond the scale is cut and marked. */
export function TraceBar({ trace, scale }: { trace: TraceSummary; scale: DurationScale }) {
  const colorOf = useServiceColor();
  const { services, duration_ms } = trace;
  const length = duration_ms / scale.full;
  const all = services.reduce((sum, { self_ms }) => sum + self_ms, 0);
  const parts = services
    .toSorted((a, b) => b.self_ms - a.self_ms)
    .slice(0, MAX_PARTS)
    .map(({ name, self_ms }) => ({ name, self_ms, share: all > 0 ? self_ms / all : 1 / services.length }));
  const pixels = FULL * Math.min(1, length);
  // The largest has its colour in the shortest bar, too.
  const colored = parts.filter(({ share }, at) => at === 0 || share * pixels >= LEAST);
  const rest = 1 - colored.reduce((sum, { share }) => sum + share, 0);
  const text = parts
    .map(({ name, self_ms, share }) => `${name} ${formatDuration(self_ms)} (${formatShare(share)})`)
    .join(', ');
  return (
    <span class="trace-bar strip tight">
      <span style={{ minWidth: '2px', width: `calc((100% - 16px) * ${Math.min(1, length)})` }}>
        <span class="service-bar" role="img" aria-label={`Self time by service: ${text}`} title={text}>
          {colored.map(({ name, share }) => (
            <span key={name} style={{ flexGrow: share, background: colorOf(name) }} />
          ))}
          {colored.length < services.length && <span style={{ flexGrow: rest, background: 'var(--cdb)' }} />}
        </span>
      </span>
      {length > 1 && (
        <span class="faint" title={`longer than ${formatDuration(scale.full)}: the bar is cut`}>
          <span aria-hidden="true">≫</span>
        </span>
      )}
    </span>
  );
}
