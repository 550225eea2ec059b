import { Link } from '../../../page/components/link.tsx';
import '../../../page/common.ts';
import { useState } from 'preact/hooks';
import { queryPlace } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import {
  rangeParams,
  rangePlace,
  shownRange,
  timedPath,
  timesOf,
  USUAL_SECONDS,
} from '../../../core/places/shown-range.ts';
import { counted } from '../../../core/shared/words.ts';
import { send } from '../../../page/api/api.ts';
import { useJson } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { setParams } from '../../../page/browser/router.ts';
import { Facts } from '../../../page/components/facts.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { ErrorState } from '../../../page/components/states/error-state.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { ChooseTime } from '../../../page/components/times/choose-time.tsx';
import { Time } from '../../../page/components/times/time.tsx';
import { formatCount, formatDuration } from '../../../page/values/format.ts';
import TracesView from '../../traces/page/index.tsx';
import type { CauseDetail } from '../server/schemas.ts';
import { CauseSpark } from './causes/cause-spark.tsx';
import {
  clock,
  comparedText,
  conversationPlace,
  countText,
  isBad,
  lookedText,
  sinceText,
  whomText,
} from './causes/cause-words.ts';
import { Differences } from './differences.tsx';

/** Seconds of a longer look. */
const LONGER = '10';

/** `/cause/ID`: one cause: since when, for whom, its chart, its operations, and all its traces. */
export default function CauseView({ place }: ViewProps) {
  const { id = '', params } = place;
  const range = shownRange(place) ?? USUAL_SECONDS;
  const [turn, setTurn] = useState(0);
  const path = timedPath(`/api/causes/${encodeURIComponent(id)}`, range, { seconds: params.seconds });
  const load = useJson<CauseDetail>(path, [path, turn]);
  return (
    <>
      <div class="line">
        <ChooseTime range={range} onChoose={(chosen) => setParams(rangeParams('cause', chosen))} />
        <CopyButton text={() => location.href} label="Copy link" about="Copy link to this cause" />
      </div>
      <Loaded load={load} what="Looking into the traces">
        {(found) => <Detail found={found} place={place} range={range} onChange={() => setTurn(turn + 1)} />}
      </Loaded>
    </>
  );
}

interface DetailProps {
  readonly found: CauseDetail;
  readonly place: ViewProps['place'];
  readonly range: Range;
  readonly onChange: () => void;
}

function Detail({ found, place, range, onChange }: DetailProps) {
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
          <CauseFacts found={found} cause={cause} />
          <div class="line">
            <HideButton cause={cause} range={range} onChange={onChange} />
            {asked && (
              <>
                <CopyButton
                  text={() => JSON.stringify(asked, null, 2)}
                  label="Copy as query"
                  about="Copy as query in Honeycomb's JSON"
                />
                <Link isAction to={queryPlace(asked)}>
                  Open as query
                </Link>
              </>
            )}
            {found.looked < found.of && cause.counted === 'looked' && (
              <button type="button" onClick={() => setParams({ seconds: LONGER })}>
                Look at more
              </button>
            )}
          </div>
          {cause.example !== undefined && <bdi class="cause-example">{cause.example}.</bdi>}
          {cause.line !== undefined && <bdi class="mono">{cause.line}</bdi>}
          {cause.advice !== undefined && <p>{cause.advice}</p>}
          {cause.conversation && (
            <p>
              <Link isAction to={conversationPlace(cause.conversation)}>
                The newest conversation with it
              </Link>
            </p>
          )}
          {asked && <Differences query={asked} />}
          <figure class="cause-chart">
            <CauseSpark spark={cause.spark} label={`Traces over time: ${cause.spark.join(', ')}`} />
            <figcaption class="muted">
              <span>{clock(1000 * found.start_time)}</span> <span>{clock(1000 * found.end_time)}</span>
            </figcaption>
          </figure>
          <Operations found={found} />
        </>
      )}
      <CauseTraces found={found} place={place} range={range} />
    </>
  );
}

function CauseFacts({ found, cause }: { found: CauseDetail; cause: NonNullable<CauseDetail['cause']> }) {
  const times = [
    <Time key="first" at={Date.parse(cause.first)} />,
    ' – ',
    <Time key="last" at={Date.parse(cause.last)} />,
  ];
  return (
    <>
      <Facts
        facts={[
          [cause.conversation ? 'conversations' : 'requests', countText(cause), isBad(cause)],
          ['failed', cause.failed === 0 ? '' : `✗ ${formatCount(cause.failed)}`, isBad(cause)],
          ['time lost', cause.lost_ms === 0 ? '' : formatDuration(cause.lost_ms)],
          ['since when', sinceText(cause)],
          ['for whom', whomText(cause)],
          ['first and last', times],
        ]}
      />
      <p class="muted">
        {cause.counted === 'looked' && `${lookedText(found)}.`}
        {cause.counted === 'all' &&
          `Counted over all ${cause.conversation ? 'log records of conversations' : 'spans'} of this time.`}{' '}
        {comparedText(found)}
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
    const path = timedPath(`/api/causes/${encodeURIComponent(cause.id)}/known`, range);
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
            <span class="muted">{counted(traces, 'trace')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** All traces of the cause, with the filters of the list of traces. */
function CauseTraces({ found: { id, cause }, place, range }: Pick<DetailProps, 'found' | 'place' | 'range'>) {
  if (cause === undefined || cause.conversation) return null;
  const { last: _last, start: _start, end: _end, ...params } = place.params;
  return (
    <section aria-labelledby="cause-traces">
      <h2 id="cause-traces">{titleOf(cause)}</h2>
      <TracesView isPart place={rangePlace('traces', range, { ...params, cause: id })} />
    </section>
  );
}

function titleOf({ counted, traces, estimated }: NonNullable<CauseDetail['cause']>): string {
  const many = estimated ? 'traces' : traces === 1 ? 'trace' : `${formatCount(traces)} traces`;
  return `Its ${many}${counted === 'looked' ? ' among those looked at' : ''}`;
}
