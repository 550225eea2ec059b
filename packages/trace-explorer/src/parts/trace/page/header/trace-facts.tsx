import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { Icon } from '../../../../page/components/icon.tsx';
import { counted, formatCount, formatDuration } from '../../../../page/values/format.ts';

/**
 * The duration of a trace, the number of its spans, the number of traces it stands for, and the number of failed spans.
 * @param onErrors goes to the next failed span
 */
export function TraceFigures({ model, onErrors }: { model: TraceModel; onErrors?: () => void }) {
  const errors = model.errors.length;
  const text = (
    <span class="error-mark">
      <Icon name="error" /> {formatCount(errors)} with an error
    </span>
  );
  return (
    <>
      <strong>{formatDuration(model.duration / 1e6)}</strong>
      <span>{counted(model.count, 'span')}</span>
      {model.sampleRate !== undefined && (
        <span class="muted" title={`Sampled: stands for ${formatCount(model.sampleRate)} traces`}>
          ×{formatCount(model.sampleRate)}
        </span>
      )}
      {errors === 0 && <span>no errors</span>}
      {errors > 0 &&
        (onErrors === undefined ? (
          text
        ) : (
          <button type="button" class="plain strip" title="Next error (e)" onClick={onErrors}>
            {text}
          </button>
        ))}
    </>
  );
}
