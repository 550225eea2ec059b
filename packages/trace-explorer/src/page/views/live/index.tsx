import { useEffect, useReducer, useState } from 'preact/hooks';
import { NEWEST_TRACES } from '../../../places/first-read.ts';
import { hrefOf, tracePlace } from '../../../places/place.ts';
import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { getJson } from '../../api.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { lazy } from '../../components/lazy.tsx';
import { ServiceColors } from '../../components/service-colors.tsx';
import { Time } from '../../components/time.tsx';
import { formatCount, formatDuration } from '../../format.ts';
import { setParams } from '../../shell/router.ts';
import type { ViewProps } from '../../shell/views.ts';
import type { DurationScale } from '../traces/duration-scale.ts';
import { durationScale } from '../traces/duration-scale.ts';
import { servicesOf } from '../traces/most-time.tsx';
import { RootName } from '../traces/root-name.tsx';
import { TraceBar, TraceBarHead } from '../traces/trace-bar.tsx';
import type { TracePage } from '../traces/trace-list.ts';
import type { LiveList } from './live-list.ts';
import { countWaiting, takeIn } from './live-list.ts';
import { useHold } from './use-hold.ts';
import { useLive } from './use-live.ts';

const InlineTrace = lazy(async () => ({ default: (await import('../trace/inline-trace.tsx')).InlineTrace }));

type Action = { traces: readonly TraceSummary[]; paused: boolean };

/** `/live`: traces as they come. While one is open to be read, or the pointer or the focus is in the list, the others wait. */
export default function LiveView({ place }: ViewProps) {
  const open = place.params.trace;
  const asked = open !== undefined || place.params.paused === 'true';
  const hold = useHold();
  const paused = asked || hold.held;
  const [connected, setConnected] = useState(true);
  const [list, take] = useReducer(
    (before: LiveList, { traces, paused }: Action) => takeIn(before, traces, paused),
    { shown: [], waiting: [] },
  );
  const readAnew = () =>
    getJson<TracePage>(NEWEST_TRACES).then(
      // What a person reads stays as it is; the first list is shown even then.
      ({ traces }) => take({ traces, paused: paused && list.shown.length > 0 }),
      () => setConnected(false),
    );
  useEffect(() => void readAnew(), []);
  useEffect(() => {
    if (!paused) take({ traces: [], paused });
  }, [paused]);
  useLive((message) => {
    if (message.type === 'traces') take({ traces: message.traces, paused });
    else if (message.type === 'reset') void readAnew();
    setConnected(message.type !== 'lost');
  });
  const waiting = countWaiting(list);
  const resume = () => setParams({ trace: undefined, paused: undefined }, { replace: true });
  const scale = durationScale(list.shown.map(({ duration_ms }) => duration_ms));
  return (
    <>
      <h1 class="visually-hidden">Live</h1>
      <div class="live-bar">
        {asked ? (
          <button type="button" class="primary" onClick={resume}>
            ▶ Go on
          </button>
        ) : (
          <button type="button" onClick={() => setParams({ paused: 'true' }, { replace: true })}>
            ❚❚ Pause
          </button>
        )}
        {!asked && waiting > 0 && (
          <button type="button" class="primary" onClick={hold.release}>
            ↑ {formatCount(waiting)} new
          </button>
        )}
        <p role="status">
          {!connected && 'The explorer does not answer; trying again.'}
          {connected && !paused && 'New traces appear by themselves.'}
          {connected && !asked && paused && 'The list holds still while you are in it.'}
          {connected && asked && (
            <>
              Paused{open !== undefined && ' while you read'}.{' '}
              <strong data-waiting={waiting}>
                {waiting === 1 ? '1 new trace waits' : `${formatCount(waiting)} new traces wait`}
              </strong>
              .
            </>
          )}
        </p>
      </div>
      {list.shown.length === 0 ? (
        <EmptyState title="Waiting for the first trace">
          <p>
            Send a request from <a href="/try">Try it</a> in another tab: its trace appears here.
          </p>
        </EmptyState>
      ) : (
        <ServiceColors names={servicesOf(list.shown)}>
          <div class="live-head" aria-hidden="true">
            <span>Trace</span>
            <TraceBarHead scale={scale} />
            <span class="numeric">Took</span>
          </div>
          <ol class="live-list" {...hold.listeners}>
            {list.shown.map((trace) => (
              <LiveRow
                key={trace.trace_id}
                trace={trace}
                scale={scale}
                open={trace.trace_id === open}
                onToggle={() =>
                  setParams(
                    { trace: trace.trace_id === open ? undefined : trace.trace_id },
                    { replace: true },
                  )
                }
              />
            ))}
          </ol>
        </ServiceColors>
      )}
    </>
  );
}

interface LiveRowProps {
  readonly trace: TraceSummary;
  readonly scale: DurationScale;
  readonly open: boolean;
  readonly onToggle: () => void;
}

function LiveRow({ trace, scale, open, onToggle }: LiveRowProps) {
  return (
    <li>
      <div class="live-row">
        <button type="button" class="plain" aria-expanded={open} onClick={onToggle}>
          <span class="live-fold" aria-hidden="true">
            {open ? '▾' : '▸'}
          </span>
          <Time at={Date.parse(trace.start)} />
          <RootName trace={trace} />
        </button>
        <TraceBar trace={trace} scale={scale} />
        <span class="numeric">{formatDuration(trace.duration_ms)}</span>
        <span class="numeric">
          {formatCount(trace.spans)} {trace.spans === 1 ? 'span' : 'spans'}
        </span>
        <span class="numeric error-text">{trace.errors > 0 && `✗ ${formatCount(trace.errors)}`}</span>
        <a href={hrefOf(tracePlace(trace.trace_id))} aria-label={`Open trace ${trace.trace_id.slice(0, 8)}`}>
          <code>{trace.trace_id.slice(0, 8)}</code>
        </a>
      </div>
      {open && <InlineTrace id={trace.trace_id} />}
    </li>
  );
}
