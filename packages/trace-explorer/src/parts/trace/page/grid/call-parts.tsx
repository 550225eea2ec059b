import { callParts } from '../../../../core/traces/model/call-parts.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { formatDuration } from '../../../../page/values/format.ts';

/** How dark each measured part is, in its order. What waits is hatched. */
const SHADES: Readonly<Record<string, number>> = { dns: 30, connecting: 45, tls: 60, firstByte: 75 };

function inkOf(name: string) {
  if (name === 'waiting') return {};
  return { background: `color-mix(in srgb, var(--ink) ${SHADES[name] ?? 100}%, var(--surface))` };
}

/** What a call's time went into, as far as its client measured it: one bar of the whole call, and a list. */
export function CallParts({ model, index }: { model: TraceModel; index: number }) {
  const parts = callParts(model, index);
  if (parts.length === 0) return null;
  const whole = (model.length[index] ?? 0) / 1e6 || 1;
  return (
    <div class="call-parts inset column">
      <div class="service-bar" aria-hidden="true">
        {parts.map(({ name, ms }) => (
          <span key={name} class={name} style={{ ...inkOf(name), flexBasis: `${(100 * ms) / whole}%` }} />
        ))}
      </div>
      <ul class="line" aria-label="Parts of the call">
        {parts.map(({ name, words, ms }) => (
          <li key={name}>
            <i class={`service-mark ${name}`} style={inkOf(name)} aria-hidden="true" /> {words}{' '}
            <strong>{formatDuration(ms)}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
