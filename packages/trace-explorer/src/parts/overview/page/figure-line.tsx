import type { ComponentChildren } from 'preact';
import type { Place } from '../../../core/places/place.ts';
import type { Failing } from '../../../page/api/failed-text.ts';
import { BAD_SHARE, ENOUGH, failedText } from '../../../page/api/failed-text.ts';
import { Link } from '../../../page/components/link.tsx';
import { about, formatCount, formatDuration, formatRate, formatShare } from '../../../page/values/format.ts';
import type { RequestFigures } from '../server/schemas.ts';

interface FigureLineProps {
  readonly now: RequestFigures;
  /** The same figures in the time of equal length before. */
  readonly before: RequestFigures | undefined;
  readonly seconds: number;
  /** Where all requests are, and the failed ones. */
  readonly all: Place;
  readonly failed: Place;
  readonly children?: ComponentChildren;
}

/** Requests, their failures and their durations, each with its value in the time before. */
export function FigureLine({ now, before, seconds, all, failed, children }: FigureLineProps) {
  const estimate = (text: string) => about(text, now.estimated);
  const share = ({ count, errors }: Failing) => (count === 0 ? 0 : errors / count);
  const took = (ms: number) => (now.count === 0 ? '–' : estimate(formatDuration(ms)));
  const usual = before !== undefined && before.count >= ENOUGH ? before : undefined;
  const isBad = share(now) > BAD_SHARE || (usual !== undefined && share(now) > 2 * share(usual));
  const figures = [
    ['requests', estimate(formatRate(now.count, seconds)), usual && formatRate(usual.count, seconds)],
    ['failed', now.errors === 0 ? 'none' : failedText(now), usual && formatShare(share(usual))],
    ['P50', took(now.p50_ms), usual && formatDuration(usual.p50_ms)],
    ['P95', took(now.p95_ms), usual && formatDuration(usual.p95_ms)],
  ] as const;
  return (
    <ul class="overview-totals line" title="A request is a call of a service, or the beginning of a trace">
      {figures.map(([name, shown, was]) => (
        <li key={name}>
          <Link
            class="quiet"
            to={name === 'failed' ? failed : all}
            title={
              name === 'requests' ? `${estimate(formatCount(now.count))} requests in this time` : undefined
            }
          >
            <strong class={name === 'failed' && now.errors > 0 && isBad ? 'error-text' : undefined}>
              {shown}
            </strong>{' '}
            <span class="muted">{name}</span>
          </Link>
          {was !== undefined && (
            <span class="muted overview-was" title="In the time of equal length before">
              was {was}
            </span>
          )}
        </li>
      ))}
      {children}
    </ul>
  );
}
