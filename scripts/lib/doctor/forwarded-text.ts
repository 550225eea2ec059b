import { formatCount } from '../../../packages/trace-explorer/src/lib/text/words.ts';

/** The counts of one signal's items, by their end. */
type Counts = Readonly<Record<'taken' | 'forwarded' | 'waiting' | 'refused' | 'dropped', number>>;

/** What the explorer's status says about sending on. */
export interface Forwarded extends Readonly<Record<'traces' | 'logs' | 'metrics', Counts>> {
  readonly to: string;
  readonly problems: readonly string[];
}

/** The outcome of sending on (EXPLORER_FORWARD) since the start, for people. Signals that nobody sent are left out. */
export function forwardedText({ to, traces, logs, metrics }: Omit<Forwarded, 'problems'>): string {
  const named = Object.entries({ spans: traces, 'log lines': logs, 'requests of metrics': metrics });
  const parts = named.flatMap(([items, { taken, forwarded, waiting, refused, dropped }]) => {
    if (taken + forwarded + waiting === 0) return [];
    const others = [
      ...(waiting > 0 ? [`${formatCount(waiting)} waiting`] : []),
      ...(refused > 0 ? [`${formatCount(refused)} refused there`] : []),
      ...(dropped > 0 ? [`${formatCount(dropped)} dropped`] : []),
    ];
    return [
      [`${formatCount(taken)} ${items} taken`, `${formatCount(forwarded)} sent on`, ...others].join(', '),
    ];
  });
  return `To ${to} since the start: ${parts.join(' · ') || 'nothing yet'}`;
}
