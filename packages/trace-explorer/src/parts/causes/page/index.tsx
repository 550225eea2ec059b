import '../../../page/common.ts';
import { useState } from 'preact/hooks';
import { queryPlace, tracePlace } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import {
  rangePlace,
  shownRange,
  timedPath,
  timesOf,
  USUAL_SECONDS,
} from '../../../core/places/shown-range.ts';
import { counted } from '../../../core/shared/words.ts';
import { useJson } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { setParams } from '../../../page/browser/router.ts';
import { useViewTools } from '../../../page/browser/view-tools.ts';
import { Icon } from '../../../page/components/icon.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { Link } from '../../../page/components/link.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { lazy } from '../../../page/components/states/lazy.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { formatCount } from '../../../page/values/format.ts';
import type { Cause, CauseDetail } from '../server/schemas.ts';
import { CauseFacts } from './causes/cause-facts.tsx';
import { CauseChart } from './causes/cause-spark.tsx';
import { clock, comparedText, conversationPlace, isBad, lookedText } from './causes/cause-words.ts';
import { HideButton } from './causes/hide-button.tsx';
import { Sentence } from './causes/sentence.tsx';
import { TypicalTraces } from './causes/typical-trace.tsx';

// The page shows the cause before the code of what stands below is loaded.
const TracesView = lazy(() => import('../../traces/page/index.tsx'));
const Differences = lazy(() => import('./differences.tsx'));
const StackTrace = lazy(() => import('./stack.tsx'));

/** Seconds of a longer look. */
const LONGER = '10';
/** Times below the chart. */
const TIMES = 5;

/** `/cause/ID`: one cause: since when, for whom, where it begins, a typical trace, and all its traces. */
export default function CauseView({ place }: ViewProps) {
  const { id = '', params } = place;
  const range = shownRange(place) ?? USUAL_SECONDS;
  const [turn, setTurn] = useState(0);
  const path = timedPath(`/api/causes/${encodeURIComponent(id)}`, range, { seconds: params.seconds });
  const load = useJson<CauseDetail>(path, [path, turn]);
  useViewTools({ refresh: load.reload });
  return (
    <Loaded load={load} what="Looking into the traces">
      {(found) => <Detail found={found} place={place} range={range} onChange={() => setTurn(turn + 1)} />}
    </Loaded>
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
      <header class="view-head band column">
        <div class="line">
          <nav class="crumbs faint strip" aria-label="Where this is">
            <Link class="quiet" to={rangePlace('overview', range)}>
              Overview
            </Link>{' '}
            <Icon name="chevron-right" /> Cause
          </nav>
          <span class="grow" />
          <CopyButton text={() => location.href} label="Copy link" about="Copy link to this cause" />
          {cause && asked && (
            <>
              <CopyButton
                text={() => JSON.stringify(asked, null, 2)}
                label="Copy as query"
                about="Copy as query in Honeycomb's JSON"
              />
              <Link isAction class="button" to={queryPlace(asked)}>
                Open as query
              </Link>
            </>
          )}
          {cause && <HideButton cause={cause} range={range} onChange={onChange} />}
        </div>
        <h1 class={cause && isBad(cause) ? 'cause-title strip wrong' : 'cause-title strip'}>
          <Icon name={cause?.rule === 'error' ? 'error' : 'alert'} />
          <bdi>
            <Sentence text={sentence} name={cause?.name ?? ''} />
          </bdi>
        </h1>
        {cause && <CauseFacts cause={cause} />}
      </header>
      {cause === undefined ? (
        <EmptyState title="Not in this time">
          <p>{lookedText(found)}. Choose a longer time above.</p>
        </EmptyState>
      ) : (
        <div class="cause-columns cards split">
          <div class="cards">
            <SinceWhen found={found} cause={cause} />
            <TypicalTraces typical={found.typical} />
            <CauseTraces found={found} place={place} range={range} />
          </div>
          <div class="cards">
            <WhereItBegins cause={cause} stack={found.stack} />
            {asked && <Differences query={asked} />}
            <Operations title="It takes part in" of={found.operations} />
            {cause.routes_total > 1 && (
              <Operations title={`${formatCount(cause.routes_total)} routes`} of={cause.routes} />
            )}
          </div>
        </div>
      )}
    </>
  );
}

function SinceWhen({ found, cause }: { found: CauseDetail; cause: Cause }) {
  const { start_time, end_time } = found;
  const times = Array.from({ length: TIMES }, (_, i) =>
    clock(1000 * (start_time + ((end_time - start_time) * i) / (TIMES - 1))),
  );
  const { after } = cause;
  const at = (Date.parse(after?.time ?? '') / 1000 - start_time) / (end_time - start_time);
  return (
    <section class="card" aria-labelledby="cause-since">
      <header>
        <h2 id="cause-since">Since when</h2>
        <span class="faint">
          {cause.counted === 'looked'
            ? `${lookedText(found)}.`
            : `Counted over all ${cause.conversation ? 'log records of conversations' : 'spans'} of this time.`}{' '}
          {comparedText(found)}
        </span>
        {found.looked < found.of && cause.counted === 'looked' && (
          <button type="button" class="ghost" onClick={() => setParams({ seconds: LONGER })}>
            Look at more
          </button>
        )}
      </header>
      <CauseChart spark={cause.spark} times={times}>
        {after && at >= 0 && (
          <bdi
            class="cause-deploy"
            style={{ left: `${100 * at}%` }}
            title={`Deployed at ${clock(after.time)}`}
          >
            {after.version}
          </bdi>
        )}
      </CauseChart>
    </section>
  );
}

/** The span that is to blame, what one trace says of it, and what to do. */
function WhereItBegins({ cause, stack }: { cause: Cause; stack: string | undefined }) {
  const { service, name, target = '', example, line, advice, conversation, trace_id: traceId } = cause;
  return (
    <section class="card" aria-labelledby="cause-begins">
      <header>
        <h2 id="cause-begins">Where it begins</h2>
      </header>
      <div class="card-text column">
        <p class="line">
          <ServiceLink name={service} />
          <bdi class="muted">{`${name} ${target}`}</bdi>
        </p>
        {example !== undefined && (
          <p class="cause-example">
            <bdi>{example}.</bdi>
          </p>
        )}
        {line !== undefined && <bdi class="mono">{line}</bdi>}
        {advice !== undefined && (
          <p class="cause-advice strip">
            <Icon name="alert" />
            <span>{advice}</span>
          </p>
        )}
        <p class="line">
          {conversation && (
            <Link isAction class="button" to={conversationPlace(conversation)}>
              The newest conversation with it
            </Link>
          )}
          {traceId && (
            <Link
              isAction
              class="button"
              to={{
                ...tracePlace(traceId, cause.span_id),
                ...(cause.finding && { params: { finding: cause.finding } }),
              }}
            >
              A trace that shows it
            </Link>
          )}
        </p>
        {stack !== undefined && <StackTrace text={stack} />}
      </div>
    </section>
  );
}

/** Operations of services, each with the number of its traces where it is known. */
function Operations({ title, of }: { title: string; of: readonly Operation[] }) {
  if (of.length === 0) return null;
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
      </header>
      <ul class="cause-lines lined">
        {of.map(({ service, name, traces }) => (
          <li key={`${service} ${name}`}>
            <ServiceLink name={service} />{' '}
            <bdi class="ellipsis" title={name}>
              {name}
            </bdi>{' '}
            <span class="faint">{traces !== undefined && counted(traces, 'trace')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface Operation {
  readonly service: string;
  readonly name: string;
  readonly traces?: number;
}

/** All traces of the cause, with the filters of the list of traces. */
function CauseTraces({ found: { id, cause }, place, range }: Pick<DetailProps, 'found' | 'place' | 'range'>) {
  if (cause === undefined || cause.conversation) return null;
  const { last: _last, start: _start, end: _end, ...params } = place.params;
  return (
    <section class="card" aria-labelledby="cause-traces">
      <header>
        <h2 id="cause-traces">{titleOf(cause)}</h2>
      </header>
      <TracesView isPart place={rangePlace('traces', range, { ...params, cause: id })} />
    </section>
  );
}

function titleOf({ counted: by, traces, estimated }: Cause): string {
  const many = estimated ? 'traces' : traces === 1 ? 'trace' : `${formatCount(traces)} traces`;
  return `Its ${many}${by === 'looked' ? ' among those looked at' : ''}`;
}
