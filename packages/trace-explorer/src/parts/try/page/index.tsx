import { useEffect, useRef, useState } from 'preact/hooks';
import { anyText, readParams } from '../../../core/places/read-params.ts';
import { isLoopbackHost } from '../../../lib/text/loopback.ts';
import { errorMessage } from '../../../page/api/api.ts';
import { useLive } from '../../../page/api/use-live.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { setParams } from '../../../page/browser/router.ts';
import { pageSettings } from '../../../page/browser/settings.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { otlpRequest } from '../../web-tracing/page/otlp-request.ts';
import type { WebSpan } from '../../web-tracing/page/web-span.ts';
import { readDescription } from './description.ts';
import type { Experiment, ExperimentGroup } from './experiments.ts';
import { NoAnswer } from './no-answer.tsx';
import type { Progress } from './result.tsx';
import { ExperimentResult } from './result.tsx';
import type { Outcome } from './runs.ts';

const COMMAND = 'node tandem dev';

const TRY_PARAMS = {
  run: anyText,
  traces: (ids: string) => ids.split(',').filter((id) => /^[0-9a-f]{32}$/.test(id)),
} as const;

/** `/try`: sends real requests from this browser and shows their traces below the buttons. */
export default function TryView(props: ViewProps) {
  return (
    <>
      <h1 class="visually-hidden">Try it</h1>
      {pageSettings.apiUrl !== '' ? (
        <Described {...props} />
      ) : (
        <EmptyState title="Nobody to send a request to">
          <p>This command starts two services for it, with this page:</p>
          <p class="strip">
            <code>{COMMAND}</code>
            <CopyButton text={() => COMMAND} label="Copy" about="Copy the command" />
          </p>
          <p class="muted">
            If they run, start the explorer with <code>BACKEND_URL=http://localhost:4567</code>
          </p>
        </EmptyState>
      )}
    </>
  );
}
TryView.params = () => TRY_PARAMS;

/** Reads what the API offers, once: the buttons come from its own description. */
function Described(props: ViewProps) {
  const { value, error, reload } = useLoad(async (signal) => {
    const [description, { experimentsOf }] = await Promise.all([
      readDescription(signal),
      import('./experiments.ts'),
    ]);
    return experimentsOf(description);
  }, []);
  useLive(() => {}); // opens the connection before the first trace is made
  if (value !== undefined) return <Experiments {...props} groups={value} />;
  if (error === undefined) return <Busy what="Reading what the API offers" />;
  return <NoAnswer problem={error.message} onRetry={reload} />;
}

function Experiments({ place, groups }: ViewProps & { groups: readonly ExperimentGroup[] }) {
  const all = groups.flatMap(({ experiments }) => experiments);
  const { run: key, traces: traceIds = [] } = readParams(TRY_PARAMS, place.params);
  const shown = all.find((each) => each.key === key);
  const { progress, run } = useExperiments();
  const { running } = progress;
  return (
    <div class="cards">
      <p class="try-about prose muted">
        Each button sends real requests from this browser to <code>{pageSettings.apiUrl}</code>, as its own
        description names them. The trace begins here, in service <code>web</code>, and goes on wherever the
        request goes.
        {all.length === 0 && ' The description has no request whose values are all given as examples.'}
        {!all.some(({ isFaulty }) => isFaulty) &&
          ' Faults have buttons where the services run with FAULT_INJECTION=true.'}
        {pageSettings.needsToken &&
          ' The explorer takes spans only with EXPLORER_TOKEN, which a page cannot keep secret: it will refuse the spans of this browser, and traces begin at the API.'}
      </p>
      {groups.map(({ title, experiments }) => (
        <section key={title} class="column" aria-label={title}>
          <h2>{title}</h2>
          <ul class="tiles" style={{ '--gap': 'var(--s3)' }}>
            {experiments.map((experiment) => (
              <li
                key={experiment.key}
                class="card choice-row"
                aria-current={experiment === shown}
                data-experiment={experiment.key}
              >
                <button
                  type="button"
                  class="plain row-link strong strip"
                  data-row
                  // Not `disabled`, which would take the focus from the pressed button.
                  aria-disabled={running !== undefined}
                  aria-busy={running === experiment.key}
                  onClick={() => running === undefined && run(experiment)}
                >
                  <Icon name={experiment.isFaulty ? 'alert' : 'play'} /> {experiment.title}
                </button>
              </li>
            ))}
          </ul>
          {shown && experiments.includes(shown) && (
            <ExperimentResult experiment={shown} traceIds={traceIds} progress={progress} />
          )}
        </section>
      ))}
    </div>
  );
}

/** Runs one experiment at a time. Its traces go into the URL, so that a reload shows them again. */
function useExperiments() {
  const [progress, setProgress] = useState<Progress>({ outcomes: [] });
  const gone = useRef(new AbortController());
  useEffect(() => () => gone.current.abort(), []);
  const run = async ({ key, run: runAll }: Experiment) => {
    const { signal } = gone.current;
    const show = (outcomes: readonly Outcome[]) => {
      if (signal.aborted) return;
      setProgress({ running: key, outcomes });
      const traces = outcomes.map(({ traceId }) => traceId).join(',') || undefined;
      setParams({ run: key, traces }, { replace: true });
    };
    show([]);
    let problem: string | undefined;
    try {
      const { outcomes, spans, find } = await runAll();
      show(outcomes);
      await exportSpans(spans);
      const found = await find?.(signal);
      if (found !== undefined) show([...outcomes, found]);
    } catch (error) {
      problem = errorMessage(error);
    }
    setProgress(({ outcomes }) => ({ outcomes, problem }));
  };
  return { progress, run };
}

/** Whether the page came over a forwarded port (Codespaces, Gitpod): no other port is within reach. */
const isForwarded =
  isLoopbackHost(new URL(pageSettings.otlpEndpoint).hostname) && !isLoopbackHost(location.hostname);
const RECEIVER = isForwarded ? `${location.origin}/api/import` : `${pageSettings.otlpEndpoint}/v1/traces`;

/**
 * Sends spans to the explorer's receiver as OTLP in its JSON encoding.
 * @throws Error with words for a person when the spans were not accepted
 */
async function exportSpans(spans: readonly WebSpan[]): Promise<void> {
  let response: Response;
  try {
    response = await fetch(RECEIVER, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: otlpRequest('web', 'tandem.try-it', spans),
    });
  } catch {
    throw new Error(`The browser's own spans did not go out: the receiver at ${RECEIVER} does not answer.`);
  }
  if (!response.ok) {
    throw new Error(`The browser's own spans were refused by ${RECEIVER}: ${response.status}.`);
  }
}
