import { callParts } from '../../../../core/traces/model/call-parts.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { formatDuration } from '../../../../page/values/format.ts';

/** What a call's time went into, as far as its client measured it: one bar of the whole call, and a list. */
export function CallParts({ model, index }: { model: TraceModel; index: number }) {
  const parts = callParts(model, index);
  if (parts.length === 0) return null;
  const whole = (model.length[index] ?? 0) / 1e6 || 1;
  return (
    <div class="call-parts">
      <div class="call-parts-bar" aria-hidden="true">
        {parts.map(({ name, ms }) => (
          <span key={name} class={name} style={{ width: `${(100 * ms) / whole}%` }} />
        ))}
      </div>
      <ul class="line" aria-label="Parts of the call">
        {parts.map(({ name, words, ms }) => (
          <li key={name}>
            <i class={name} aria-hidden="true" /> {words} <strong>{formatDuration(ms)}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}
