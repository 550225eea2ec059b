import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { Place } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import { readParams } from '../../../core/places/read-params.ts';
import { rangePlace, timedPath } from '../../../core/places/shown-range.ts';
import { acceptedText, knownText, saidOf } from '../../../core/problems/said.ts';
import type { CauseRows, CauseRow as Row } from '../../../core/problems/schemas.ts';
import { placeText } from '../../../core/traces/model/code-place.ts';
import { visibleName } from '../../../lib/text/harmless-text.ts';
import { useJson } from '../../../page/api/use-load.ts';
import { keepText, keptText } from '../../../page/browser/kept.ts';
import { setParams } from '../../../page/browser/router.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { Disclosure } from '../../../page/components/disclosure.tsx';
import { Icon } from '../../../page/components/icon.tsx';
import { Segmented } from '../../../page/components/inputs/segmented.tsx';
import { Link } from '../../../page/components/link.tsx';
import { usePages } from '../../../page/components/pager.tsx';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { counted, formatCount } from '../../../page/values/format.ts';
import { CauseSpark } from '../../causes/page/causes/cause-spark.tsx';
import {
  causePlace,
  comparedText,
  countTexts,
  isBad,
  lookedText,
  sinceText,
} from '../../causes/page/causes/cause-words.ts';
import { Sentence } from '../../causes/page/causes/sentence.tsx';
import { lastInspection } from '../../causes/page/last-inspection.ts';
import type { Only } from './overview-places.ts';
import { OVERVIEW_PARAMS } from './overview-places.ts';

/** Rows before all are asked for: as many as a window of 720 pixels has room for. */
const ROWS = 7;
/** Causes that are asked for then, and when all are. */
const ASKED = { first: 20, all: 200 };

/** Rows for which there is room before any were read: later, as many as there were. */
const FIRST_ROWS = 3;
const ROW_PIXELS = 54;
const KEPT = 'problems';

const COLUMNS = { '--columns': 'minmax(0, 1fr) 148px minmax(96px, auto) 16px' };

interface Props {
  readonly range: Range;
  readonly place: Place;
  /** A change makes the causes be read again. */
  readonly turn: unknown;
  readonly notices: readonly string[];
  /** Why the figures above could not be read. */
  readonly said: string | undefined;
  /** Whether the figures are being read: what fails then may be said above. */
  readonly isReading: boolean;
  /** Whether no request is in the range: then only causes of log records are shown. */
  readonly isQuiet: boolean;
  /** How many requests and services are in the range; undefined before the figures are read. */
  readonly requests: number | undefined;
  readonly services: number | undefined;
}

/** The causes of a range, one row each, at the place's service or on its routes; and notices about the senders. */
export function WhatIsWrong(props: Props) {
  const { range, place, turn, notices, said, isReading, isQuiet, requests, services } = props;
  const { only, causes: param } = readParams(OVERVIEW_PARAMS, place.params);
  const at = place.view === 'service' ? place.id : undefined;
  const asked = only === undefined && param === undefined ? ASKED.first : ASKED.all;
  const list = timedPath('/api/causes', range, { at });
  // The rest of a list that was told comes from the same look into the traces, unless somebody refreshes.
  const isRest = useMemo(() => asked === ASKED.all && lastInspection.list === list, [asked, list]);
  const path = timedPath('/api/causes', range, {
    at,
    rows: String(asked),
    kept: isRest && turn === 0 ? 'true' : undefined,
  });
  const read = useJson<CauseRows>(path, [path, turn]);
  const kept = lastInspection.path === path ? lastInspection.found : undefined;
  // Who comes back finds the rows of before until they are read anew.
  const load = read.value === undefined && kept ? { ...read, value: kept, stale: true } : read;
  const found = load.value;
  useEffect(() => {
    if (read.value === undefined || read.stale) return;
    lastInspection.causes = read.value.causes.map((cause) => ({
      kind: 'cause',
      text: saidOf(cause),
      detail: `${cause.service}, ${countTexts(cause)[0]}`,
      place: causePlace(cause.id, range),
    }));
    Object.assign(lastInspection, { found: read.value, path, list });
  }, [read.value, read.stale]);
  const rowList = useRef<HTMLUListElement>(null);
  const focused = rowList.current?.contains(document.activeElement) ? document.activeElement : null;
  // A row that moves in the document would lose the focus.
  useLayoutEffect(() => {
    if (document.activeElement === document.body)
      (focused as HTMLElement | null)?.focus({ preventScroll: true });
  });
  const fitting = found?.causes.filter((cause) => fits(cause, only)) ?? [];
  // Hidden by this person, or accepted by the project.
  const isKnown = (cause: Row) => cause.hidden === true || cause.accepted !== undefined;
  const known = fitting.filter(isKnown);
  const notKnown = fitting.filter((cause) => !isKnown(cause));
  const problems = notKnown.filter(({ fact }) => !fact);
  const open = [...problems, ...notKnown.filter(({ fact }) => fact)];
  const accepted = knownText(known);
  const more = found?.more ?? 0;
  const total = only === undefined ? (found?.problems ?? 0) : problems.length;
  const { shown: rows, pager } = usePages(
    'Problems',
    param === 'known' ? known : param === 'all' ? open : open.slice(0, ROWS),
    more > 0 && param === 'all' ? { items: `and ${formatCount(more)} more` } : {},
  );
  const isSaid = found === undefined && load.error !== undefined && load.error.message === said;
  // Where the figures are shown, nothing moves: the room stays until the next try.
  if ((isSaid && requests === undefined) || (isQuiet && !found?.causes.length)) return null;
  const hasMore = param !== 'known' && (param === 'all' || open.length + more > rows.length);
  const isFound = found !== undefined && !load.stale;
  useEffect(() => {
    if (isFound) keepText(KEPT, String(Math.min(rows.length, ROWS)));
  }, [isFound, rows.length]);
  const none = found !== undefined && rows.length === 0 && param !== 'known';
  return (
    <Card
      class={none ? 'within what-is-wrong' : 'card within what-is-wrong'}
      title={none && found.of > 0 ? 'Nothing is wrong' : 'What is wrong'}
      about={
        found && (
          <span class="what-was-looked-at">
            {found.of === 0
              ? 'Nothing was looked at: no trace begins in this time.'
              : `${lookedText(found)}.`}{' '}
            {[comparedText(found), ...(found.notes ?? []), none && accepted].filter(Boolean).join(' ')}
          </span>
        )
      }
      tools={
        <>
          {only && (
            <button type="button" class="ghost" onClick={() => setParams({ only: undefined })}>
              Only {ONLY[only]} <Icon name="x" />
            </button>
          )}
          {found && (known.length > 0 || param === 'known') && (
            <Segmented
              label="Problems"
              value={param === 'known' ? 'known' : 'open'}
              choices={[
                ['open', `Open ${formatCount(total)}`],
                ['known', `Known ${formatCount(known.length)}`],
              ]}
              onChoose={(chosen) => setParams({ causes: chosen === 'known' ? 'known' : undefined })}
            />
          )}
        </>
      }
    >
      <Loaded
        load={found === undefined && (isSaid || isReading) ? { ...load, error: undefined, busy: true } : load}
        said={said}
        what={requests === undefined ? 'Looking for problems' : `Looking at ${counted(requests, 'request')}`}
        room={ROW_PIXELS * Number(keptText(KEPT) ?? FIRST_ROWS)}
        hasCancel={false}
      >
        {(shown) =>
          !none && (
            <>
              {(rows.length === 0 || rows[0]?.fact) && shown.of > 0 && (
                <p class="inset">
                  {param === 'known'
                    ? 'No problem is hidden as known.'
                    : `Nothing is wrong with ${shown.of === 1 ? 'it' : 'them'}.`}
                </p>
              )}
              {accepted !== '' && param !== 'known' && <p class="inset faint">{accepted}</p>}
              <ul ref={rowList} class="rows cause-list" style={COLUMNS}>
                {rows.map((cause) => (
                  <CauseRow
                    key={cause.id}
                    cause={cause}
                    range={range}
                    isOnly={services === 1}
                    more={param === undefined ? cause.more_of_service : undefined}
                  />
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
      {(hasMore || pager || notices.length > 0) && (
        <div class="card-foot line">
          {pager}
          {hasMore && (
            <button
              type="button"
              class="ghost"
              onClick={() => setParams({ causes: param === 'all' ? undefined : 'all' })}
            >
              {param === 'all' ? 'Fewer problems' : `All ${formatCount(total)} problems`}
            </button>
          )}
          {notices.length > 0 && (
            <Disclosure label={`About the telemetry (${formatCount(notices.length)})`}>
              <ul>
                {notices.map((notice) => (
                  <li key={notice}>{notice}</li>
                ))}
              </ul>
            </Disclosure>
          )}
        </div>
      )}
    </Card>
  );
}

const ONLY = { failed: 'what fails', slow: 'what is slow' } as const;

function fits({ failed, lost_ms, rule }: Row, only: Only | undefined): boolean {
  if (only === undefined) return true;
  return only === 'slow' ? lost_ms > 0 : failed > 0 || rule === 'error';
}

interface RowProps {
  readonly cause: Row;
  readonly range: Range;
  /** Whether there is only one service: then no row names it. */
  readonly isOnly: boolean;
  /** How many more its service has, which no row shows. */
  readonly more: number | undefined;
}

function CauseRow({ cause, range, isOnly, more }: RowProps) {
  const since = sinceText(cause);
  const [count, of, isShare] = countTexts(cause);
  return (
    <li class={isBad(cause) ? 'cause-row wrong' : 'cause-row'}>
      <div class="row-text">
        <Link
          isRow
          class={`row-link cause-link quiet ellipsis${cause.fact ? '' : ' strong'}`}
          to={causePlace(cause.id, range)}
          title={saidOf(cause)}
        >
          <bdi>
            {isBad(cause) && <span class="visually-hidden">✗ </span>}
            <Sentence text={saidOf(cause, true)} name={cause.name} />
          </bdi>
        </Link>
        <div class="row-about strip meta">
          {!isOnly && <ServiceLink name={cause.service} />}
          <span class="firm">
            {cause.new && <span class="tag new">New</span>} {since}
          </span>
          {cause.accepted && <span>{acceptedText(cause.accepted)}</span>}
          {cause.file !== undefined && <bdi class="mono ellipsis">{placeText(cause)}</bdi>}
          {more !== undefined && (
            <Link class="firm" to={{ ...rangePlace('service', range), id: cause.service }}>
              {formatCount(more)} more in {visibleName(cause.service)}
            </Link>
          )}
        </div>
      </div>
      <span class={isBad(cause) ? 'wide-only error-text' : 'wide-only faint'}>
        <CauseSpark spark={cause.spark} label={`${count}, ${since}`} />
      </span>
      <div class="numeric">
        <div class={isBad(cause) ? 'strong error-text' : cause.fact ? 'faint' : 'strong'}>{count}</div>
        <div class="meta faint">{!isShare && of}</div>
      </div>
      <Icon name="chevron-right" />
    </li>
  );
}
