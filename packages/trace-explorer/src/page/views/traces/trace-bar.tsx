import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { ServiceBar } from '../../components/services/service-bar.tsx';
import { formatDuration } from '../../values/format.ts';
import type { DurationScale } from './duration-scale.ts';

/** A bar for the duration of a trace, divided by service. A bar beyond the scale is cut and marked. */
export function TraceBar({ trace, scale }: { trace: TraceSummary; scale: DurationScale }) {
  const share = trace.duration_ms / scale.full;
  const beyond = share > 1;
  return (
    <span class="trace-bar">
      <span style={{ width: `calc((100% - 16px) * ${Math.min(1, share)})` }}>
        <ServiceBar services={trace.services} />
      </span>
      {beyond && (
        <span class="trace-bar-cut" title={`longer than ${formatDuration(scale.full)}: the bar is cut`}>
          <span aria-hidden="true">≫</span>
        </span>
      )}
    </span>
  );
}

/** The meaning of the bars, for the head of their column. */
export function TraceBarHead({ scale }: { scale: DurationScale }) {
  return (
    <span
      class="trace-bar-head"
      title="Time in each service's spans while none of their children ran; the bar is as long as the trace took"
    >
      Self time by service
      <span class="trace-bar-scale muted" title={`A bar of full length is ${formatDuration(scale.full)}`}>
        {scale.cut && '≫ '}
        {formatDuration(scale.full)}
      </span>
    </span>
  );
}
