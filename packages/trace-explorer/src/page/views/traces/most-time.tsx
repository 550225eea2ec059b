import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { ServiceName } from '../../components/services/service-name.tsx';

/** The service in which most of a trace's time was spent, in words: `user-lookup 71 %`. */
export function MostTime({ trace: { services } }: { trace: Pick<TraceSummary, 'services'> }) {
  const all = services.reduce((sum, { self_ms }) => sum + self_ms, 0);
  const [first] = services;
  if (first === undefined || all <= 0) return null;
  return (
    <span class="most-time">
      <ServiceName name={first.name} /> <span class="muted">{Math.round((first.self_ms / all) * 100)} %</span>
    </span>
  );
}
