import '../../common.ts';
import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../../ask/api.ts';
import { useLive } from '../../ask/use-live.ts';
import type { ViewProps } from '../../browser/router.ts';
import { setParams } from '../../browser/router.ts';
import { settings } from '../../browser/settings.ts';
import type { Experiment } from './experiments.ts';
import { experiments } from './experiments.ts';
import { exportSpans } from './export-spans.ts';
import type { Outcome } from './outcome.ts';
import { Result } from './result.tsx';
import { HOME, once } from './runs.ts';

const GROUPS = [
  { key: 'requests', title: 'Requests' },
  { key: 'logs', title: 'Log lines' },
  { key: 'faults', title: 'Faults' },
  { key: 'broken', title: 'Broken on purpose' },
] as const;

/** `/try`: sends real requests from this browser and shows their traces in place. */
export default function TryView({ place }: ViewProps) {
  const shown = experiments.find(({ key }) => key === place.params.run);
  const traceIds = (place.params.traces ?? '').split(',').filter((id) => /^[0-9a-f]{32}$/.test(id));
  const { running, outcomes, problem, run } = useExperiments();
  useLive(() => {}); // opens the connection before the first trace is made
  return (
    <>
      <h1 class="visually-hidden">Try it</h1>
      <p class="try-about">
        Each button sends real requests from this browser to <code>{settings.apiUrl}</code>. The trace begins
        here, in service <code>web</code>, and goes on wherever the request goes. Without
        FAULT_INJECTION=true, which the command <code>dev</code> sets, the services ignore faults.
        {settings.needsToken &&
          ' The explorer takes spans only with EXPLORER_TOKEN, which a page cannot keep secret: it will refuse the spans of this browser, and traces begin at the API.'}
      </p>
      {GROUPS.map((group) => (
        <section key={group.key} aria-labelledby={`try-${group.key}`}>
          <h2 id={`try-${group.key}`} class="try-group">
            {group.title}
          </h2>
          <ul class="try-list">
            {experiments
              .filter((experiment) => experiment.group === group.key)
              .map((experiment) => (
                <li key={experiment.key} data-experiment={experiment.key}>
                  <div class="try-row">
                    <button
                      type="button"
                      class={experiment === shown ? 'primary' : undefined}
                      // Not `disabled`, which would take the focus from the pressed button.
                      aria-disabled={running !== undefined}
                      aria-busy={running === experiment.key}
                      onClick={() => running === undefined && run(experiment)}
                    >
                      {experiment.title}
                    </button>
                    <p>{experiment.look}</p>
                  </div>
                  {experiment === shown && (
                    <Result
                      experiment={experiment}
                      traceIds={traceIds}
                      outcomes={outcomes}
                      problem={problem}
                      running={running === experiment.key}
                    />
                  )}
                </li>
              ))}
          </ul>
        </section>
      ))}
    </>
  );
}

/** Runs one experiment at a time. Its traces go into the URL, so that a reload shows them again. */
function useExperiments() {
  const [running, setRunning] = useState<string>();
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const [problem, setProblem] = useState<string>();
  const gone = useRef(new AbortController());
  useEffect(() => {
    gone.current = new AbortController();
    return () => gone.current.abort();
  }, []);
  const show = (experiment: Experiment, made: readonly Outcome[]) => {
    if (gone.current.signal.aborted) return;
    setOutcomes(made);
    setParams(
      { run: experiment.key, traces: made.map(({ traceId }) => traceId).join(',') },
      { replace: true },
    );
  };
  const run = async (experiment: Experiment) => {
    const { signal } = gone.current;
    setRunning(experiment.key);
    setProblem(undefined);
    setOutcomes([]);
    setParams({ run: experiment.key, traces: undefined }, { replace: true });
    try {
      const { key, fault } = experiment;
      const { outcomes: made, spans, find } = await (experiment.run?.() ?? once(key, HOME, fault));
      show(experiment, made);
      await exportSpans(spans);
      const found = await find?.(signal);
      if (found !== undefined) show(experiment, [...made, found]);
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setRunning(undefined);
    }
  };
  return { running, outcomes, problem, run };
}
