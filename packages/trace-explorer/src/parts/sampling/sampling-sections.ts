import type { Range } from '../../core/places/range.ts';
import type { Section } from '../../core/places/section.ts';
import { rangePlace } from '../../core/places/shown-range.ts';
import { counted, formatCount, plural } from '../../lib/text/words.ts';
import type { Figure, SamplingReport, Trial, Volume } from './server/schemas.ts';

/** All rules side by side. */
export function summaryOf(report: SamplingReport): Section {
  const { all, hours, short, sampled, pulled, logs, trials, suggestion } = report;
  const isWhole = suggestion?.reached !== false;
  const sentences = [
    `${counted(all.events, 'event')} (${counted(all.spans, 'span')}, ${counted(all.span_events, 'span event')}, ${counted(all.links, 'link')}): ${round(all.events_month)} events a month at this rate.`,
    pulled !== undefined &&
      `Volumes are estimates for all traffic, of which ${counted(pulled, 'trace')} were pulled. Losses are counted among these.`,
    short && 'The range has less than an hour, so figures of a month say little.',
    sampled && `Some spans stand for several already: ${round(all.events_weighted)} events before.`,
    logs > 0 &&
      `Not counted: ${counted(logs, 'log record')}. Honeycomb counts each as an event, and these rules drop none.`,
    trials.length === 0 && 'A single moment has no rate, so no rules are suggested.',
    !isWhole && 'The budget is not reached: errors and slow traces alone are more.',
    suggestion && `Suggested: ${round(suggestion.events_month)} events a month.`,
  ];
  return {
    title: `Sampling, tried on ${counted(pulled ?? all.traces, pulled === undefined ? 'trace' : 'pulled trace')} of ${hoursOf(hours)}`,
    sentences: sentences.filter((sentence) => typeof sentence === 'string'),
    columns: [
      'Rules',
      'Traces',
      'Events',
      'Events a month',
      'GB a month',
      'Errors lost',
      'Causes gone',
      'Routes gone',
    ],
    rows: trials.map(({ name, kept, least, most, lost: { errors, causes, routes } }) => ({
      cells: [
        name,
        share(kept.traces, all.traces),
        share(kept.events, all.events),
        between(kept, least, most),
        kept.gb_month.toFixed(2),
        `${round(errors.lost)} of ${errors.traces}`,
        String(causes.filter(isGone).length),
        String(routes.length),
      ],
    })),
  };
}

/** The same in few words, for a reader who sees the figures: what there is, what is suggested, and what the figures are not sure of. */
export function shortSummaryOf(report: SamplingReport): Section {
  const { all, pulled, logs, trials, suggestion } = report;
  const [first = '', ...rest] = [
    `${round(all.events_month)} events a month`,
    suggestion && `${round(suggestion.events_month)} suggested`,
    suggestion?.reached === false && 'errors and slow traces alone exceed the budget',
    logs > 0 && 'without log records',
    pulled !== undefined && `estimated from ${counted(pulled, 'trace')}`,
    trials.length === 0 && 'a moment has no rate to suggest for',
  ].filter((part) => typeof part === 'string');
  return { ...summaryOf(report), sentences: [`${[first, ...rest].join(', ')}.`] };
}

/** What one of the rules keeps and loses, causes first. Left out are sections without rows. @param range of the page, for its links */
export function sectionsOf(
  { name, notes, rules, lost, figures, weights }: Trial,
  range?: Range,
): readonly Section[] {
  const { causes, causes_looked, causes_of, slow, routes, users } = lost;
  const gone = causes.filter(isGone).length;
  const outcome = gone === 0 ? 'no cause is lost' : `${counted(gone, 'cause')} would no longer be found`;
  const lostCauses: Section = {
    title: `${name}: ${outcome}`,
    sentences: [
      ...notes,
      `Causes are looked for in ${formatCount(causes_looked)} of ${counted(causes_of, 'trace')}.`,
    ],
    columns: ['Dropped', 'Of', 'Found', 'Cause that loses traces'],
    rows: causes.map((cause) => ({
      place: { ...rangePlace('cause', range), id: cause.id },
      cells: [
        round(cause.lost),
        formatCount(cause.traces),
        isGone(cause) ? `no longer${likely(cause.gone)}` : 'less',
        `${cause.sentence}${cause.routes[0] === undefined ? '' : ` on ${cause.routes[0]}`}`,
      ],
    })),
  };
  const others: readonly Section[] = [
    {
      title: 'Left without a trace',
      sentences: [],
      columns: ['Routes and users', 'Left without'],
      rows: [
        ...routes.map((route) => ({
          cells: [routeOf(route), `${counted(route.traces, 'trace')} dropped${likely(route.gone)}`],
        })),
        ...(users.gone > 0
          ? [{ cells: [`users (${users.field})`, `${round(users.gone)} of ${formatCount(users.of)}`] }]
          : []),
      ],
    },
    {
      title: 'Slow traces: the slowest twentieth of each route',
      sentences: [],
      columns: ['Route', 'Over ms', 'Dropped', 'Of'],
      rows: slow.map((route) => ({
        cells: [routeOf(route), round(route.over_ms), round(route.lost), formatCount(route.traces)],
      })),
    },
    {
      title: 'Rules',
      sentences: [],
      columns: ['Rule', 'Traces', 'Kept', 'Events kept'],
      rows: rules.map(({ rule, traces, kept, events }) => ({
        cells: [rule || 'no rule', formatCount(traces), round(kept), round(events)],
      })),
    },
    {
      title: `Figures from kept spans${weights ? ', with the interval to expect' : ', which have no weights'}`,
      sentences: [],
      columns: ['Route', 'COUNT → from kept', 'Error rate → from kept', 'P95 ms → from kept'],
      rows: figures.map((route) => ({
        cells: [
          routeOf(route),
          besideTruth(route.count, round),
          besideTruth(route.error_rate, percent),
          besideTruth(route.p95_ms, round),
        ],
      })),
    },
  ];
  return [lostCauses, ...others.filter(({ rows }) => rows.length > 0)];
}

/** Whether no kept trace shows a cause, more likely than not. */
function isGone({ gone }: { readonly gone: number }): boolean {
  return gone > 0.5;
}

function likely(gone: number): string {
  return gone > 0.99 ? '' : `, likely (${percent(gone)})`;
}

function routeOf({ service, route }: { readonly service: string; readonly route: string }): string {
  return `${service} ${route}`;
}

/** Events a month, and what they may be as chance or the policies that are not modelled decide. */
function between(kept: Volume, least = kept, most = kept): string {
  const [low, high] = [round(least.events_month), round(most.events_month)];
  return `${round(kept.events_month)}${low === high ? '' : ` (${low} to ${high})`}`;
}

/** `11 → 12 (10 to 15)`: a figure of all spans, of kept ones, and where such a figure lies in 19 of 20 cases if that is not sure. */
function besideTruth({ truth, kept, low, high }: Figure, word: (value: number) => string): string {
  const shown = `${word(truth)} → ${word(kept)}`;
  if (low === undefined || high === undefined) return `${shown} (too few traces)`;
  const isSure = word(low) === word(kept) && word(high) === word(kept);
  return isSure ? shown : `${shown} (${word(low)} to ${word(high)})`;
}

function hoursOf(hours: number): string {
  if (hours < 1 / 60) return counted(Math.round(3600 * hours), 'second');
  return hours < 1
    ? counted(Math.round(60 * hours), 'minute')
    : `${round(hours)} ${plural(Number(round(hours)), 'hour')}`;
}

function share(part: number, of: number): string {
  return `${round(part)} (${percent(of === 0 ? 0 : part / of)})`;
}

function percent(ratio: number): string {
  return `${Number((100 * ratio).toPrecision(3))} %`;
}

/** Three digits of a small number, a whole large number. */
function round(value: number): string {
  return Math.abs(value) >= 100 ? formatCount(value) : String(Number(value.toPrecision(3)));
}
