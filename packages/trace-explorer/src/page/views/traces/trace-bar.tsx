import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { ServiceBar } from '../../components/service-bar.tsx';

/** A bar as long as the trace took, in the colours of its services. `longest` is the longest duration shown, in milliseconds. */
export function TraceBar({ trace, longest }: { trace: TraceSummary; longest: number }) {
  const share = longest > 0 ? Math.max(0.02, trace.duration_ms / longest) : 1;
  return (
    <span class="trace-bar">
      <span style={{ width: `${share * 100}%` }}>
        <ServiceBar services={trace.services} />
      </span>
    </span>
  );
}
