/** What became of the items of one signal. */
interface Counts {
  readonly taken: number;
  readonly forwarded: number;
  readonly waiting: number;
  readonly refused: number;
  readonly dropped: number;
}

/** The outcome of sending on (EXPLORER_FORWARD) since the start, for people. Signals that nobody sent are left out. */
export function forwardedText({
  to,
  ...signals
}: {
  readonly to: string;
  readonly traces: Counts;
  readonly logs: Counts;
  readonly metrics: Counts;
}): string {
  const named = [
    ['spans', signals.traces],
    ['log lines', signals.logs],
    ['requests of metrics', signals.metrics],
  ] as const;
  const parts = named.flatMap(([items, { taken, forwarded, waiting, refused, dropped }]) => {
    if (taken + forwarded + waiting === 0) return [];
    const others = [
      ...(waiting > 0 ? [`${written(waiting)} waiting`] : []),
      ...(refused > 0 ? [`${written(refused)} refused there`] : []),
      ...(dropped > 0 ? [`${written(dropped)} dropped`] : []),
    ];
    return [[`${written(taken)} ${items} taken`, `${written(forwarded)} sent on`, ...others].join(', ')];
  });
  return `To ${to} since the start: ${parts.join(' · ') || 'nothing yet'}`;
}

function written(count: number): string {
  return count.toLocaleString('en-US');
}
