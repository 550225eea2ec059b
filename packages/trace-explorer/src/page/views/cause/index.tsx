import '../../common.ts';
import { useState } from 'preact/hooks';
import type { CauseDetail } from '../../../causes/schemas.ts';
import { causesPath } from '../../../places/first-read.ts';
import { hrefOf, queryPlace, tracePlace } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import { rangeParams, shownRange, timesOf, USUAL_SECONDS } from '../../../places/shown-range.ts';
import { send } from '../../api/api.ts';
import { useJson } from '../../api/use-load.ts';
import type { ViewProps } from '../../browser/router.ts';
import { setParams } from '../../browser/router.ts';
import { CauseSpark } from '../../causes/cause-spark.tsx';
import {
  conversationHref,
  countText,
  isBad,
  lookedText,
  sinceText,
  whomText,
} from '../../causes/cause-words.ts';
import { CopyButton } from '../../components/inputs/copy-button.tsx';
import { RootName } from '../../components/services/root-name.tsx';
import { ServiceLink } from '../../components/services/service-name.tsx';
import { EmptyState } from '../../components/states/empty-state.tsx';
import { ErrorState } from '../../components/states/error-state.tsx';
import { Loaded } from '../../components/states/loaded.tsx';
import { Table } from '../../components/table.tsx';
import { ChooseTime } from '../../components/times/choose-time.tsx';
import { Time } from '../../components/times/time.tsx';
import { formatCount, formatDuration } from '../../values/format.ts';
import { Differences } from './differences.tsx';

/** Seconds of a longer look. */
const LONGER = '10';

/** `/cause/ID`: one cause: since when, for whom, its chart, its operations, and all its traces. */
export default function CauseView({ place }: ViewProps) {
  const { id = '', params } = place;
  const range = shownRange(place) ?? USUAL_SECONDS;
  const [turn, setTurn] = useState(0);
  const path = causesPath(range, id, { seconds: params.seconds });
  const load = useJson<CauseDetail>(path, [path, turn]);
  return (
    <>
      <div class="line">
        <ChooseTime range={range} onChoose={(chosen) => setParams(rangeParams('cause', chosen))} />
        <CopyButton text={() => location.href} label="Copy link" about="Copy link to this cause" />
      </div>
      <Loaded load={load} what="Looking into the traces">
        {(found) => <Detail found={found} range={range} onChange={() => setTurn(turn + 1)} />}
      </Loaded>
    </>
  );
}

interface DetailProps {
  readonly found: CauseDetail;
  readonly range: Range;
  readonly onChange: () => void;
}

function Detail({ found, range, onChange }: DetailProps) {
  const { cause, sentence, query } = found;
  const asked = query && { ...query, ...timesOf(range) };
  return (
    <>
      <h1 class="cause-title">
        <bdi>{sentence}</bdi>
      </h1>
      {cause === undefined ? (
        <EmptyState title="Not in this time">
          <p>{lookedText(found)}. Choose a longer time above.</p>
        </EmptyState>
      ) : (
        <>
          <Facts found={found} cause={cause} />
          <div class="line">
            <HideButton cause={cause} range={range} onChange={onChange} />
            {asked && (
              <>
                <CopyButton
                  text={() => JSON.stringify(asked, null, 2)}
                  label="Copy as query"
                  about="Copy as query in Honeycomb's JSON"
                />
                <a href={hrefOf(queryPlace(asked))}>Open as query</a>
              </>
            )}
            {found.looked < found.of && cause.counted === 'looked' && (
              <button type="button" onClick={() => setParams({ seconds: LONGER })}>
                Look at more
              </button>
            )}
          </div>
          {cause.example !== undefined && <bdi class="cause-example">{cause.example}.</bdi>}
          {cause.advice !== undefined && <p>{cause.advice}</p>}
          {cause.conversation && (
            <p>
              <a href={conversationHref(cause.conversation)}>The newest conversation with it</a>
            </p>
          )}
          {asked && <Differences query={asked} />}
          <figure class="cause-chart">
            <CauseSpark spark={cause.spark} label={`Traces over time: ${cause.spark.join(', ')}`} />
            <figcaption class="muted">
              <Time at={1000 * found.start_time} /> <Time at={1000 * found.end_time} />
            </figcaption>
          </figure>
          <Operations found={found} />
        </>
      )}
      <CauseTraces found={found} />
    </>
  );
}

function Facts({ found, cause }: { found: CauseDetail; cause: NonNullable<CauseDetail['cause']> }) {
  const facts = [
    [cause.conversation ? 'conversations' : 'requests', countText(cause), isBad(cause)],
    ['failed', cause.failed === 0 ? '' : `✗ ${formatCount(cause.failed)}`, isBad(cause)],
    ['time lost', cause.lost_ms === 0 ? '' : formatDuration(cause.lost_ms)],
    ['since when', sinceText(cause), cause.new],
    ['for whom', whomText(cause)],
  ] as const;
  return (
    <>
      <dl class="cause-facts">
        {facts.map(
          ([name, text, isLoud]) =>
            text !== '' && (
              <div key={name}>
                <dt class="muted">{name}</dt>
                <dd class={isLoud && name !== 'since when' ? 'error-text' : undefined}>
                  <bdi>{text}</bdi>
                </dd>
              </div>
            ),
        )}
        <div>
          <dt class="muted">first and last</dt>
          <dd>
            <Time at={Date.parse(cause.first)} /> – <Time at={Date.parse(cause.last)} />
          </dd>
        </div>
      </dl>
      <p class="muted">
        {cause.counted === 'looked' && `${lookedText(found)}.`}
        {cause.counted === 'all' &&
          `Counted over all ${cause.conversation ? 'log records of conversations' : 'spans'} of this time.`}
        {!found.compared && ' The time before is not stored, so nothing is called new.'}
      </p>
      {cause.routes_total > 1 && (
        <details>
          <summary>{formatCount(cause.routes_total)} routes</summary>
          <ul>
            {cause.routes.map(({ service, name }) => (
              <li key={`${service} ${name}`}>
                <ServiceLink name={service} /> <bdi>{name}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

/** Hides the cause as known, or shows it again. */
function HideButton({
  cause,
  range,
  onChange,
}: Pick<DetailProps, 'range' | 'onChange'> & { cause: NonNullable<CauseDetail['cause']> }) {
  const [error, setError] = useState<Error>();
  const change = () => {
    setError(undefined);
    const path = causesPath(range, cause.id).replace('?', '/known?');
    send(cause.known ? 'DELETE' : 'PUT', cause.known ? (path.split('?')[0] ?? path) : path).then(
      onChange,
      setError,
    );
  };
  return (
    <>
      <button
        type="button"
        onClick={change}
        title="Until it has twice the share of now, or the service a new version"
      >
        {cause.known ? 'Show again' : 'Hide as known'}
      </button>
      {error !== undefined && <ErrorState error={error} onRetry={change} />}
    </>
  );
}

/** The operations of the cause's traces. */
function Operations({ found: { operations } }: Pick<DetailProps, 'found'>) {
  if (operations.length === 0) return null;
  return (
    <section aria-labelledby="cause-operations">
      <h2 id="cause-operations">It takes part in</h2>
      <ul class="cause-operations">
        {operations.map(({ service, name, traces }) => (
          <li key={`${service} ${name}`}>
            <ServiceLink name={service} /> <bdi>{name}</bdi>{' '}
            <span class="muted">
              {formatCount(traces)} {traces === 1 ? 'trace' : 'traces'}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** All traces of the cause, the newest first. */
function CauseTraces({ found: { traces, cause } }: Pick<DetailProps, 'found'>) {
  if (traces.length === 0) return null;
  return (
    <section aria-labelledby="cause-traces">
      <h2 id="cause-traces">{titleOf(traces.length, cause?.traces ?? 0)}</h2>
      <Table
        caption="Traces of the cause"
        rows={traces}
        keyOf={({ trace_id }) => trace_id}
        columns={[
          { key: 'start', title: 'Start', cell: ({ start }) => <Time at={Date.parse(start)} /> },
          {
            key: 'root',
            title: 'Root',
            cell: (trace) => <RootName trace={trace} href={hrefOf(tracePlace(trace.trace_id))} />,
          },
          {
            key: 'took',
            title: 'Took',
            numeric: true,
            cell: ({ duration_ms }) => formatDuration(duration_ms),
          },
          { key: 'spans', title: 'Spans', numeric: true, cell: ({ spans }) => formatCount(spans) },
          {
            key: 'errors',
            title: 'Errors',
            numeric: true,
            cell: ({ errors }) =>
              errors > 0 ? (
                <span class="error-text">✗ {formatCount(errors)}</span>
              ) : (
                <span class="muted">0</span>
              ),
          },
        ]}
      />
    </section>
  );
}

function titleOf(listed: number, all: number): string {
  if (listed < all) return `The newest ${formatCount(listed)} traces`;
  return listed === 1 ? 'Its trace' : `All its ${formatCount(listed)} traces`;
}
