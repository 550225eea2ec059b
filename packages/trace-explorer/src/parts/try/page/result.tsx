import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from '../../../page/components/icon.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import type { Experiment } from './experiments.ts';
import { NoAnswer } from './no-answer.tsx';
import type { Outcome } from './runs.ts';

// The view is there before the code of a waterfall, which a sent request shows.
const InlineTrace = lazy(() => import('../../trace/page/inline-trace.tsx'));

export interface Progress {
  readonly running?: string;
  /** Outcomes of the last run. Empty after a reload. */
  readonly outcomes: readonly Outcome[];
  readonly problem?: string | undefined;
}

interface ResultProps {
  readonly experiment: Experiment;
  readonly traceIds: readonly string[];
  readonly progress: Progress;
}

/** The waterfalls of an experiment. Each appears with its first span. */
export function ExperimentResult({ experiment, traceIds, progress }: ResultProps) {
  const { outcomes, problem } = progress;
  const running = progress.running === experiment.key;
  const box = useRef<HTMLDivElement>(null);
  const stop = useRef(() => {});
  // Below its button, which may be at the foot of the window: in sight, and while it grows, until somebody scrolls or goes on.
  useLayoutEffect(() => {
    const { current } = box;
    if (!running || current === null) return;
    stop.current();
    const growing = new ResizeObserver(() => current.scrollIntoView({ block: 'nearest' }));
    growing.observe(current);
    const listening = new AbortController();
    stop.current = () => {
      growing.disconnect();
      listening.abort();
    };
    for (const what of ['wheel', 'touchmove', 'pointerdown', 'keydown'])
      addEventListener(what, stop.current, { signal: listening.signal, passive: true });
  }, [running]);
  useLayoutEffect(() => () => stop.current(), []);
  const failed = outcomes.find((outcome) => outcome.problem !== undefined);
  // A link to an experiment that was not sent yet.
  if (!running && problem === undefined && failed === undefined && traceIds.length === 0) return null;
  return (
    <div class="card pad column" data-result={experiment.key} ref={box}>
      <p class="prose">{experiment.look}</p>
      {running && traceIds.length === 0 && <Busy what="Sending" />}
      {problem !== undefined && (
        <p class="prose notice" role="alert">
          <Icon name="alert" /> {problem}
        </p>
      )}
      {failed?.problem !== undefined && <NoAnswer problem={failed.problem} />}
      {traceIds.map((traceId, index) => {
        const outcome = outcomes.find((each) => each.traceId === traceId);
        const caption = experiment.captions?.[index] ?? 'The request';
        return (
          <section key={traceId} aria-label={caption}>
            <h3>
              {caption}
              {outcome?.answer !== undefined && <span class="muted"> · {outcome.answer}</span>}
            </h3>
            <InlineTrace
              id={traceId}
              depth={experiment.depth}
              expected={index === 0 && failed === undefined ? experiment.expected : []}
            />
          </section>
        );
      })}
    </div>
  );
}
