import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { formatCount, formatDuration, formatShare } from '../../../../page/values/format.ts';
import type { Coloring } from '../state/colors.ts';

/** Visible entries. A number stands for further ones. */
const MAX_SHOWN = 5;
/** Parts of the bar. More would be thinner than a pixel. */
const MAX_PARTS = 60;

/** The time by service, or by value of the field that decides the colours. It is also the legend of the colours. One entry says nothing. */
export function SelfTimeLegend({ coloring: { legend, ofServices } }: { coloring: Coloring }) {
  if (legend.length < 2) return null;
  const rest = legend.length - MAX_SHOWN;
  const total = legend.reduce((sum, { self }) => sum + self, 0) || 1;
  return (
    <div class="self-time">
      <span class="service-bar" aria-hidden="true">
        {legend.slice(0, MAX_PARTS).map(({ label, color, self }) => (
          <span key={label} style={{ background: color, flexGrow: self / total }} title={label} />
        ))}
      </span>
      <ul class="trace-legend line" aria-label="Self time, by colour">
        {legend.slice(0, MAX_SHOWN).map(({ label, color, spans, errors, self }) => (
          <li
            key={label}
            title={`${label}: ${formatDuration(self / 1e6)} self time in ${formatCount(spans)} spans: none of their children ran then`}
          >
            {ofServices ? (
              <ServiceLink name={label} />
            ) : (
              <>
                <span class="service-mark" style={{ background: color }} aria-hidden="true" />
                <bdi class="ellipsis">{label}</bdi>
              </>
            )}
            <strong>{formatDuration(self / 1e6)}</strong>
            <span class="muted">{formatShare(Math.round((self / total) * 100) / 100)}</span>
            {errors > 0 && <span class="error-text">✗ {formatCount(errors)}</span>}
          </li>
        ))}
        {rest > 0 && <li class="muted">and {formatCount(rest)} more</li>}
      </ul>
    </div>
  );
}
