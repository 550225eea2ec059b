import type { ComponentChildren } from 'preact';
import { rangePlace } from '../../../core/places/shown-range.ts';
import { ENOUGH, isBad } from '../../../core/query/build/bad-share.ts';
import { counted, plural } from '../../../lib/text/words.ts';
import { failedShare } from '../../../page/api/failed-text.ts';
import { setParams } from '../../../page/browser/router.ts';
import { Link } from '../../../page/components/link.tsx';
import { estimatedTexts } from '../../../page/components/states/estimated.tsx';
import { describeSeconds } from '../../../page/components/times/describe-times.ts';
import { about, aboutCount, formatCount, formatDuration, formatRate } from '../../../page/values/format.ts';
import type { RequestFigures } from '../server/schemas.ts';
import type { NarrowedProps } from './figure-lists.tsx';
import type { Only } from './overview-places.ts';
import { ofService, requestsPlace } from './overview-places.ts';

/** Beside the name alone: the figure below it has the whole width. */
const CORNER = { inset: 'var(--s2) var(--s3) auto auto', minHeight: 'var(--ctl)' };
/** Ends above what the chart says of its highest value. */
const WAS = { marginRight: 'var(--s1)' };

interface FigureCardsProps extends NarrowedProps {
  /** The time of the charts, which the rate is of. */
  readonly seconds: number;
}

/**
 * The heads of three cards: requests, their failures and their durations, each with its value in the time before. A press on
 * the failures or on the durations narrows what is below to them.
 */
export function FigureCards({ overview, range, seconds, service, only }: FigureCardsProps) {
  const { requests: now, before, services } = overview;
  const all = requestsPlace(range, ofService(service));
  const rate = formatRate(now.count, seconds);
  /** Fewer than one an hour, or none at all, have no rate: the count says all of it. */
  const isCount = !rate.includes('/');
  const estimate = (text: string) => about(text, now.stored);
  const share = ({ count, errors }: RequestFigures) => (count === 0 ? 0 : errors / count);
  const took = (ms: number, { count, stored }: RequestFigures) =>
    count === 0 ? '–' : about(formatDuration(ms), stored);
  const [p95, p50] = [took(now.p95_ms, now), took(now.p50_ms, now)];
  const usual = before !== undefined && (before.stored ?? before.count) >= ENOUGH ? before : undefined;
  const was = (text: (figures: RequestFigures) => string) =>
    usual && (
      <span class="overview-was" style={WAS} title="In the time of equal length before">
        was {text(usual)}
      </span>
    );
  const requests = aboutCount(now.count, `${plural(now.count, 'request')} in this time`, now.stored);
  const why = estimatedTexts({ of: overview });
  const none = now.stored !== undefined ? 'none seen' : 'none';
  const failures = now.errors === 0 ? none : about(formatCount(now.errors), now.stored);
  const isRed = isBad(share(now), usual && share(usual));
  /** A figure that narrows what is wrong and the routes, until it is pressed again. */
  const narrowing = (to: Only, before: ComponentChildren, figure: ComponentChildren) => {
    const isOn = only === to;
    const narrow = `Show only problems and routes that ${to === 'slow' ? 'are slow' : 'fail'}`;
    return (
      <li class="figure-head within strip">
        <button
          type="button"
          class="bare figure"
          aria-pressed={isOn}
          title={[isOn ? 'Show all again' : narrow, ...why].join('\n')}
          onClick={() => setParams({ only: isOn ? undefined : to })}
        >
          {figure}
        </button>
        <span class="placed numeric meta faint strip" style={CORNER}>
          {before}
        </span>
      </li>
    );
  };
  return (
    <ul class="overview-totals cover" title="A request is a call of a service, or the beginning of a trace">
      <li class="figure-head within strip">
        <Link class="figure quiet" to={all} title={[requests, ...why].join('\n')}>
          <span class="meta">Requests</span>
          <span>
            <strong>{estimate(isCount ? formatCount(now.count) : rate)}</strong>{' '}
            <span class="meta faint">
              {!isCount && estimate(formatCount(now.count))} in {describeSeconds(seconds)}
            </span>
          </span>
        </Link>
        <span class="placed numeric meta faint strip" style={CORNER}>
          {was(({ count, stored }) => about(formatRate(count, seconds), stored))}{' '}
          {service === undefined && (
            <Link class="quiet muted" style={WAS} to={rangePlace('map', range)}>
              {counted(services, 'service')}
            </Link>
          )}
        </span>
      </li>
      {narrowing(
        'failed',
        was(failedShare),
        <>
          <span class="meta">Failed</span>
          <span class={isRed ? 'error-text' : undefined}>
            <strong>{failures}</strong>{' '}
            {now.errors > 0 && <span class={isRed ? 'meta error-text' : 'meta'}>{failedShare(now)}</span>}
          </span>
        </>,
      )}
      {narrowing(
        'slow',
        was((each) => `${took(each.p95_ms, each)}, ${took(each.p50_ms, each)}`),
        <>
          <span class="meta">Duration</span>
          <span>
            <strong>{p95}</strong> <span class="meta faint">{p95 === p50 ? 'P95, P50' : 'P95'}</span>
            {p95 !== p50 && (
              <>
                &ensp;<b class="large">{p50}</b> <span class="meta faint">P50</span>
              </>
            )}
          </span>
        </>,
      )}
    </ul>
  );
}
