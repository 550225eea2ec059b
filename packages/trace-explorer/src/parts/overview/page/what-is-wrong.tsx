import { useId } from 'preact/hooks';
import type { Place } from '../../../core/places/place.ts';
import { tracePlace } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import { timedPath } from '../../../core/places/shown-range.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { setParams } from '../../../page/browser/router.ts';
import { Link } from '../../../page/components/link.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { formatCount } from '../../../page/values/format.ts';
import { CauseSpark } from '../../causes/page/causes/cause-spark.tsx';
import {
  causePlace,
  comparedText,
  conversationPlace,
  countText,
  isBad,
  lookedText,
  sinceText,
  whomText,
} from '../../causes/page/causes/cause-words.ts';
import type { Cause, Causes } from '../../causes/server/schemas.ts';

/** Lines before all are asked for. */
const ROWS = 8;

interface Props {
  readonly range: Range;
  readonly place: Place;
  /** A change makes the causes be read again. */
  readonly turn?: unknown;
  readonly notices?: readonly string[];
  /** Whether no request is in the range: then only causes of log records are shown. */
  readonly isQuiet?: boolean;
  /** Only causes at this service, or on its routes. */
  readonly at?: string | undefined;
}

/** The causes of a range, one line each, and notices about the senders. */
export function WhatIsWrong({ range, place, turn, notices = [], isQuiet = false, at }: Props) {
  const path = timedPath('/api/causes', range, { at });
  const load = useJson<Causes>(path, [path, turn]);
  if (isQuiet && !load.value?.causes.length) return null;
  return (
    <section class="plane what-is-wrong" aria-labelledby="what-is-wrong">
      <h2 id="what-is-wrong">What is wrong</h2>
      <Loaded load={load} what="Looking into the traces">
        {(causes) => <CauseList causes={causes} range={range} place={place} />}
      </Loaded>
      {notices.length > 0 && (
        <details>
          <summary>About the telemetry ({formatCount(notices.length)})</summary>
          <ul>
            {notices.map((notice) => (
              <li key={notice}>{notice}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function CauseList({ causes: found, range, place }: { causes: Causes } & Pick<Props, 'range' | 'place'>) {
  const isAll = place.params.causes === 'all';
  const hidden = found.causes.filter(({ known }) => known).length;
  const shown = isAll ? found.causes : found.causes.filter(({ known }) => !known).slice(0, ROWS);
  const total = found.causes.length + found.more;
  return (
    <>
      <p class="muted what-was-looked-at">
        {found.of === 0 ? 'Nothing was looked at: no trace begins in this time.' : `${lookedText(found)}.`}{' '}
        {comparedText(found)}
      </p>
      {shown.length === 0 && found.of > 0 && <p>Nothing is wrong with them.</p>}
      <ul class="cause-list">
        {shown.map((cause) => (
          <CauseLine key={cause.id} cause={cause} range={range} isChosen={place.params.cause === cause.id} />
        ))}
      </ul>
      {(isAll || total > shown.length) && (
        <button type="button" onClick={() => setParams({ causes: isAll ? undefined : 'all' })}>
          {isAll ? 'Fewer causes' : `All ${formatCount(total)} causes`}
          {hidden > 0 && `, ${formatCount(hidden)} hidden as known`}
        </button>
      )}
    </>
  );
}

/** One cause in a line, which leads to all its traces; and a second line when it is chosen. */
function CauseLine({ cause, range, isChosen }: { cause: Cause; range: Range; isChosen: boolean }) {
  const id = useId();
  const since = sinceText(cause);
  return (
    <li class={`choice-row cause-row${cause.known ? ' muted' : ''}`} aria-current={isChosen}>
      <button
        type="button"
        class="icon"
        aria-expanded={isChosen}
        aria-controls={id}
        aria-label={`More about: ${cause.sentence}`}
        onClick={() => setParams({ cause: isChosen ? undefined : cause.id }, { replace: true })}
      >
        <span aria-hidden="true">{isChosen ? '▾' : '▸'}</span>
      </button>
      <ServiceLink name={cause.service} />
      <Link class="cause-link" to={causePlace(cause.id, range)}>
        <bdi class={`cause-sentence${isBad(cause) ? ' error-text' : ''}`} title={cause.sentence}>
          {isBad(cause) && <span aria-hidden="true">✗ </span>}
          {withoutService(cause)}
        </bdi>
        <span class="numeric">{countText(cause)}</span>
        <span class={`cause-since ${cause.new ? 'cause-new' : 'muted'}`}>{since}</span>
        <CauseSpark spark={cause.spark} label={`${countText(cause)}, ${since}`} />
        <bdi class="muted cause-whom" title={cause.routes.map(({ name }) => name).join('\n')}>
          {whomText(cause)}
        </bdi>
      </Link>
      {isChosen && (
        <p class="cause-second" id={id}>
          {cause.example !== undefined && <bdi>{cause.example}. </bdi>}
          {cause.line !== undefined && <bdi class="mono">{cause.line} </bdi>}
          {cause.advice}{' '}
          {cause.conversation && (
            <Link isAction to={conversationPlace(cause.conversation)}>
              A conversation that shows it
            </Link>
          )}
          {cause.trace_id && (
            <Link
              isAction
              to={{
                ...tracePlace(cause.trace_id, cause.span_id),
                ...(cause.finding && { params: { finding: cause.finding } }),
              }}
            >
              A trace that shows it
            </Link>
          )}
        </p>
      )}
    </li>
  );
}

/** The sentence without two parts that the line has beside it: the service, and that it fails. */
function withoutService({ sentence, service }: Cause): string {
  return sentence.replace(` of ${service}`, '').replace(' fails: ', ': ');
}
