import { useState } from 'preact/hooks';
import { definedParams, hrefOf, queryPlace, tracePlace } from '../../../core/places/place.ts';
import { anyText, readParams } from '../../../core/places/read-params.ts';
import {
  rangePlace,
  shownRange,
  timedPath,
  timesOf,
  USUAL_SECONDS,
} from '../../../core/places/shown-range.ts';
import { acceptedText, saidOf } from '../../../core/problems/said.ts';
import type { Cause } from '../../../core/problems/schemas.ts';
import { placeText } from '../../../core/traces/model/code-place.ts';
import { PAGES } from '../../../page/api/trace-list.ts';
import { useJson } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { go, setParams } from '../../../page/browser/router.ts';
import { useTitle } from '../../../page/browser/use-title.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { StackTrace } from '../../../page/components/field-list.tsx';
import { Icon } from '../../../page/components/icon.tsx';
import { copied } from '../../../page/components/inputs/copy-button.tsx';
import { Link } from '../../../page/components/link.tsx';
import { MoreMenu } from '../../../page/components/overlays/menu.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { formatCount } from '../../../page/values/format.ts';
import type { CauseDetail } from '../server/schemas.ts';
import { CauseFacts } from './causes/cause-facts.tsx';
import { CauseChart } from './causes/cause-spark.tsx';
import { clock, comparedText, conversationPlace, isBad, lookedText } from './causes/cause-words.ts';
import { HideButton } from './causes/hide-button.tsx';
import { Operations } from './causes/operations.tsx';
import { Sentence } from './causes/sentence.tsx';
import { TypicalTraces } from './causes/typical-trace.tsx';

// The page shows the cause before the code of what stands below is loaded.
const TracesView = lazy(() => import('../../traces/page/index.tsx'));
const Differences = lazy(() => import('./differences.tsx'));

/** Seconds of a longer look. */
const LONGER = '10';
const SPLIT = { '--split': 'minmax(0, 1fr) 380px' };
const TIMES = 5;

/** The params besides its time: how long traces are looked at, and how the list of its traces is shown. */
const CAUSE_PARAMS = { seconds: anyText, order: anyText, pages: PAGES } as const;

/** `/cause/ID`: one cause: since when, for whom, where it begins, a typical trace, and all its traces. */
export default function CauseView({ place }: ViewProps) {
  const { id = '' } = place;
  const { seconds, ...list } = readParams(CAUSE_PARAMS, place.params);
  const range = shownRange(place) ?? USUAL_SECONDS;
  const path = timedPath(`/api/causes/${encodeURIComponent(id)}`, range, { seconds });
  const load = useJson<CauseDetail>(path);
  useTitle(load.value && textOf(load.value));
  const [said, setSaid] = useState('');
  return (
    <Loaded isView load={load} what="Looking into the traces">
      {(detail) => {
        const { cause, query } = detail;
        const asked = query && { ...query, ...timesOf(range) };
        return (
          <>
            <header class="view-head band column">
              <div class="line">
                <nav class="faint strip tight" aria-label="Where this is">
                  <Link class="quiet" to={rangePlace('overview', range)}>
                    Overview
                  </Link>{' '}
                  <Icon name="chevron-right" /> Cause
                </nav>
                <span class="grow" />
                <span role="status" class="faint">
                  {said}
                </span>
                {cause && <HideButton cause={cause} range={range} onChange={load.reload} />}
              </div>
              <div class="line">
                <h1 class="strip by-text anywhere">
                  <span class={cause && isBad(cause) ? 'error-mark' : 'odd-mark'}>
                    <Icon name={cause?.rule === 'error' ? 'error' : 'alert'} />
                  </span>
                  <bdi>
                    <Sentence text={textOf(detail)} name={cause?.name ?? ''} />
                  </bdi>
                </h1>
                <span class="grow" />
                {cause && <ShowingTrace of={cause} />}
                <MoreMenu
                  about="More about this cause"
                  items={[
                    {
                      key: 'link',
                      label: 'Copy link',
                      icon: 'link',
                      onSelect: () => void copied(() => location.href).then(setSaid),
                    },
                    ...(detail.accept !== undefined && !cause?.accepted
                      ? [
                          {
                            key: 'accept',
                            label: 'Copy the command that accepts it',
                            icon: 'copy',
                            onSelect: () => void copied(() => detail.accept ?? '').then(setSaid),
                          } as const,
                        ]
                      : []),
                    ...(cause && asked
                      ? [
                          {
                            key: 'copy',
                            label: 'Copy as query',
                            icon: 'copy',
                            onSelect: () => void copied(() => JSON.stringify(asked, null, 2)).then(setSaid),
                          } as const,
                          // The part with the query may have been left out.
                          ...(hrefOf(queryPlace(asked)) === undefined
                            ? []
                            : [
                                {
                                  key: 'open',
                                  label: 'Open as query',
                                  onSelect: () => go(queryPlace(asked)),
                                },
                              ]),
                        ]
                      : []),
                  ]}
                />
              </div>
              {cause && <CauseFacts cause={cause} />}
              {cause?.accepted && (
                <p class="muted">
                  <bdi>
                    Known, {acceptedText(cause.accepted)} ({cause.accepted.file}): {cause.accepted.why}
                  </bdi>
                </p>
              )}
            </header>
            {cause === undefined ? (
              <EmptyState title="Not in this time">
                <p>{lookedText(detail)}. Choose a longer time above.</p>
              </EmptyState>
            ) : (
              <div class="cards split" style={SPLIT}>
                <div class="cards">
                  <SinceWhen detail={detail} cause={cause} />
                  <TypicalTraces typical={detail.typical} />
                  {cause.conversation === undefined && (
                    <Card
                      title={titleOf(cause)}
                      tools={
                        <Link
                          isAction
                          class="quiet muted"
                          to={rangePlace('traces', range, { cause: detail.id })}
                        >
                          All in Traces
                        </Link>
                      }
                    >
                      <TracesView
                        isPart
                        place={rangePlace(
                          'traces',
                          range,
                          definedParams({ seconds, ...list, cause: detail.id }),
                        )}
                      />
                    </Card>
                  )}
                </div>
                <div class="cards">
                  <WhereItBegins cause={cause} stack={detail.stack} />
                  {asked && <Differences query={asked} />}
                  <Operations title="It takes part in" of={detail.operations} />
                  {cause.routes_total > 1 && (
                    <Operations title={`${formatCount(cause.routes_total)} routes`} of={cause.routes} />
                  )}
                </div>
              </div>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
CauseView.params = () => CAUSE_PARAMS;

/** What the cause says; where it is not in this time, the fault alone. */
function textOf({ cause, sentence }: CauseDetail): string {
  return cause === undefined ? sentence : saidOf(cause);
}

/** The way to the example, whose span is marked. */
function ShowingTrace({ of: { trace_id: traceId, span_id, finding } }: { of: Cause }) {
  if (!traceId) return null;
  return (
    <Link
      isAction
      class="button primary"
      to={{ ...tracePlace(traceId, span_id), ...(finding && { params: { finding } }) }}
    >
      A trace that shows it
    </Link>
  );
}

function SinceWhen({ detail, cause }: { detail: CauseDetail; cause: Cause }) {
  const { start_time, end_time } = detail;
  const times = Array.from({ length: TIMES }, (_, i) =>
    clock(1000 * (start_time + ((end_time - start_time) * i) / (TIMES - 1))),
  );
  const { after } = cause;
  const at = (Date.parse(after?.time ?? '') / 1000 - start_time) / (end_time - start_time);
  return (
    <Card
      title="Since when"
      about={
        cause.counted === 'looked'
          ? `${lookedText(detail)}. ${comparedText(detail)}`
          : `Counted over all ${cause.conversation ? 'log records of conversations' : 'spans'} of this time. ${comparedText(detail)}`
      }
      tools={
        detail.looked < detail.of &&
        cause.counted === 'looked' && (
          <button type="button" class="ghost" onClick={() => setParams({ seconds: LONGER })}>
            Look at more
          </button>
        )
      }
    >
      <CauseChart spark={cause.spark} times={times} isBad={isBad(cause)}>
        {after && at >= 0 && (
          <bdi
            class="deploy placed cause-deploy faint"
            style={{ left: `${100 * at}%`, top: '-14px' }}
            title={`Deployed at ${clock(after.time)}`}
          >
            <span class="deploy-tick placed passive" style={{ left: '0', height: '96px' }} />
            {after.version}
          </bdi>
        )}
      </CauseChart>
    </Card>
  );
}

/** The span that is to blame, its line, and what to do. */
function WhereItBegins({ cause, stack }: { cause: Cause; stack: string | undefined }) {
  const { service, name, target = '', advice, conversation } = cause;
  return (
    <Card title="Where it begins">
      <div class="inset column">
        <p class="line">
          <ServiceLink name={service} />
          <bdi class="muted">{`${name} ${target}`}</bdi>
        </p>
        {cause.file !== undefined && <bdi class="mono">{placeText(cause)}</bdi>}
        {advice !== undefined && (
          <p class="strip by-text notice calm">
            <span>
              <Icon name="alert" />
            </span>
            <span>{advice}</span>
          </p>
        )}
        {conversation && (
          <p>
            <Link isAction class="button" to={conversationPlace(conversation)}>
              The newest conversation with it
            </Link>
          </p>
        )}
        {stack !== undefined && <StackTrace text={stack} />}
      </div>
    </Card>
  );
}

function titleOf({ counted: by, traces, estimated }: Cause): string {
  const many = estimated ? 'traces' : traces === 1 ? 'trace' : `${formatCount(traces)} traces`;
  return `Its ${many}${by === 'looked' ? ' among those looked at' : ''}`;
}
