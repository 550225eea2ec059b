import { formatCount } from '../../../core/shared/words.ts';
import type { Status } from '../../../core/status.ts';
import type { ForwardStatus } from '../status.ts';

/** What was sent on, and why something was not. */
export default function PipelineSection({ status: { forward } }: { readonly status: Status }) {
  if (forward === undefined) return null;
  return (
    <>
      <p>{forwardedText(forward)}</p>
      {forward.problems.map((problem) => (
        <p key={problem} class="error-text">
          {problem}
        </p>
      ))}
    </>
  );
}

/** The outcome of sending on (EXPLORER_FORWARD) since the start, for people. Signals that nobody sent are left out. */
function forwardedText({ to, traces, logs, metrics }: ForwardStatus): string {
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
