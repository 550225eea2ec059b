import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { ServiceName } from '../../components/service-name.tsx';

/** Where most of a trace's time was spent, in words: `user-lookup 71 %`. */
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

/** All services of some traces, those with most time first: they are told apart before the others. */
export function servicesOf(traces: readonly Pick<TraceSummary, 'services' | 'root'>[]): string[] {
  const times = new Map<string, number>();
  for (const { services, root } of traces) {
    times.set(root.service, times.get(root.service) ?? 0);
    for (const { name, self_ms } of services) times.set(name, (times.get(name) ?? 0) + self_ms);
  }
  return [...times].sort(([, a], [, b]) => b - a).map(([name]) => name);
}
