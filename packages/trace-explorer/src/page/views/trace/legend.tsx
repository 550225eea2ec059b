import { formatCount } from '../../format.ts';
import type { Coloring } from './colors.ts';

/** Entries that are shown; the rest is counted. */
const MAX_SHOWN = 8;

/** What the colours mean. */
export function Legend({ coloring: { legend } }: { coloring: Coloring }) {
  const rest = legend.length - MAX_SHOWN;
  return (
    <ul class="trace-legend" aria-label="Colours">
      {legend.slice(0, MAX_SHOWN).map(({ label, color, spans, errors }) => (
        <li key={label}>
          <span class="service-mark" style={{ background: color }} aria-hidden="true" />
          {label} <span class="muted">{formatCount(spans)}</span>
          {errors > 0 && <span class="error-text"> ✗ {formatCount(errors)}</span>}
        </li>
      ))}
      {rest > 0 && <li class="muted">and {rest} more</li>}
    </ul>
  );
}
