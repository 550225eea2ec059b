import { useEffect } from 'preact/hooks';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { visibleName } from '../../../../lib/text/harmless-text.ts';
import { pageSettings } from '../../../../page/browser/settings.ts';
import { Icon } from '../../../../page/components/icon.tsx';
import { IconButton } from '../../../../page/components/inputs/icon-button.tsx';
import { Link } from '../../../../page/components/link.tsx';
import { Popover } from '../../../../page/components/overlays/popover.tsx';
import { ServiceLink } from '../../../../page/components/services/service-name.tsx';
import { lazy } from '../../../../page/components/states/lazy.tsx';
import { Time } from '../../../../page/components/times/time.tsx';
import { honeycombTraceUrl } from '../../../../page/honeycomb/honeycomb-links.ts';
import { useHoneycombPlaces } from '../../../../page/honeycomb/honeycomb-place.ts';
import { shownParts } from '../../../../page/shown-parts.ts';
import { counted } from '../../../../page/values/format.ts';
import { useHasRoom } from '../layout/use-is-narrow.ts';
import { rankText, useRank } from '../panel/use-rank.ts';
import type { ShownTrace } from '../state/use-actions.ts';
import { TraceFigures } from './trace-facts.tsx';

const later = () => import('./later.ts');
const Candidates = lazy(async () => ({ default: (await later()).Candidates }));
const CopyButtons = lazy(async () => ({ default: (await later()).CopyButtons }));
const Drawn = lazy(async () => ({ default: (await later()).Drawn }));
const TraceFiles = lazy(async () => ({ default: (await later()).TraceFiles }));

interface TraceHeaderProps {
  readonly shown: ShownTrace;
  /** Whether tools are open in a window with little room for them. */
  readonly hasTools: boolean;
  readonly onTools: () => void;
  readonly onHelp: () => void;
}

/** The trace's name and result, with actions on the whole trace. */
export function TraceHeader({ shown, hasTools, onTools, onHelp }: TraceHeaderProps) {
  const { model, selected, state } = shown;
  const status = model.statusCode(0);
  const route = model.route(0);
  const name = visibleName(model.name(0));
  const isLive = pageSettings.saved === undefined;
  const hasRoom = useHasRoom();
  // Loaded ahead of their use, so that the focus has somewhere to go when they open.
  useEffect(() => {
    for (const each of [CopyButtons, Drawn, TraceFiles]) void each.load().catch(() => {});
  }, []);
  const compareWith = (compare: string | undefined) =>
    shown.change({ compare, attempts: undefined }, { step: true });
  return (
    <header class="trace-header strip">
      {isLive && state.from === undefined && (
        <Link isAction class="button ghost icon" to={{ view: 'traces', params: {} }} aria-label="All traces">
          <Icon name="chevron-left" />
        </Link>
      )}
      <h1 class="strip">
        {status !== undefined && (
          <span class={model.error[0] === 1 ? 'tag err' : 'tag ok'}>
            <span class="visually-hidden">Status </span>
            {status}
          </span>
        )}{' '}
        <bdi class="trace-name ellipsis" title={name}>
          {name}
        </bdi>{' '}
        {route !== undefined && !name.includes(route) && (
          <code class="ellipsis muted" title={route}>
            {route}
          </code>
        )}
      </h1>
      <p class="trace-facts strip muted">
        <ServiceLink name={model.service(0)} />
        <TraceFigures
          model={model.comparison === undefined ? (model.own ?? model) : model}
          onErrors={() => shown.stepErrors(1)}
        />
        <Time at={Number(model.start / 1_000_000n)} />
        {isLive && <Rank model={model} />}
      </p>
      <IconButton class="tools-toggle" icon="more" label="Tools" aria-expanded={hasTools} onPress={onTools} />
      <div class="trace-actions strip firm tight">
        <Popover icon="copy" label="Copy …" button="icon" title="Copy">
          {() => <CopyButtons model={model} index={selected} />}
        </Popover>
        {isLive && (
          <>
            {shownParts().flatMap(({ ofTrace = [] }) =>
              ofTrace.map(({ label, place }) => {
                const to = place(model);
                return (
                  to && (
                    <Link isAction key={label} class="button ghost" to={to}>
                      {label}
                    </Link>
                  )
                );
              }),
            )}
            <Popover
              icon="branch"
              label="Compare …"
              button="ghost"
              title="The trace to compare with"
              class="popover compare-list"
            >
              {(close) => (
                <Candidates
                  model={model}
                  onChoose={(traceId) => {
                    close();
                    compareWith(traceId);
                  }}
                />
              )}
            </Popover>
            {state.compare !== undefined && (
              <button type="button" class="ghost" onClick={() => compareWith(undefined)}>
                Stop comparing with <code>{state.compare.slice(0, 8)}</code>
              </button>
            )}
            <Popover icon="download" label="Save …" button="ghost" title="The trace as a file">
              {() => <TraceFiles traceId={model.traceId} />}
            </Popover>
          </>
        )}
        <Popover
          {...(hasRoom && { icon: 'more' as const })}
          label="Colours, columns …"
          button={hasRoom ? 'icon' : 'ghost'}
          title="How the spans are drawn"
        >
          {(close) => (
            <>
              <Drawn shown={shown} />
              <button
                type="button"
                aria-keyshortcuts="?"
                onClick={() => {
                  close();
                  onHelp();
                }}
              >
                Signs and keys <kbd>?</kbd>
              </button>
              {isLive && (
                <HoneycombLink model={model} span={selected < 0 ? undefined : model.spanId(selected)} />
              )}
            </>
          )}
        </Popover>
      </div>
    </header>
  );
}

/** How slow the trace is among those with the same root. */
function Rank({ model }: { model: TraceModel }) {
  const { value } = useRank(model.own ?? model, 0);
  if (value === undefined || value.others === 0) return null;
  return (
    <span
      class="trace-rank muted ellipsis"
      title={`Of ${counted(value.others, 'other')} with the same root around this time`}
    >
      {rankText(value)}
    </span>
  );
}

function HoneycombLink({ model, span }: { model: TraceModel; span: string | undefined }) {
  const { place } = useHoneycombPlaces();
  if (place === undefined) return null;
  const start = Number(model.start / 1_000_000n) / 1000;
  const url = honeycombTraceUrl(place, {
    id: model.traceId,
    dataset: model.service(0),
    ...(span !== undefined && { span }),
    start,
    end: start + model.duration / 1e9,
  });
  return (
    <a href={url} target="_blank" rel="noreferrer">
      Open in Honeycomb
    </a>
  );
}
