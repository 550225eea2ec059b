import { useState } from 'preact/hooks';
import { hrefOf } from '../../../places/place.ts';
import type { Told } from '../../../places/sampling-words.ts';
import { foundWords, isGone, keptWords } from '../../../places/sampling-words.ts';
import type { Range } from '../../../places/shown-range.ts';
import type { SamplingReport, Trial, Volume } from '../../../sampling/schemas.ts';
import { visibleName } from '../../../shared/harmless-text.ts';
import { counted } from '../../../shared/words.ts';
import { causePlace } from '../../causes/cause-words.ts';
import { CopyButton } from '../../components/inputs/copy-button.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { formatCount, formatDuration, formatNumber, formatShare } from '../../values/format.ts';

/** Causes before all are asked for. */
const ROWS = 8;

/** The kept and lost traffic of the suggested rules, causes first, and the files. */
export function Tried({ report, range }: { report: SamplingReport; range: Range }) {
  const [trial] = report.trials;
  const { all, short, suggestion, logs } = report;
  if (trial === undefined || suggestion === undefined)
    return <p class="muted">A single moment has no rate. Choose a longer time above.</p>;
  return (
    <div class="column">
      <Totals all={all} trial={trial} expected={suggestion.events_month} />
      {!suggestion.reached && <p>The budget is not reached: what is kept whole is more.</p>}
      {(short || logs > 0) && (
        <p class="muted">
          {short && 'The time has less than an hour, so figures of a month say little. '}
          {logs > 0 && `Not counted: ${counted(logs, 'log record')}, which the rules keep.`}
        </p>
      )}
      <WhatIsLost trial={trial} range={range} />
      <section aria-label="Files">
        <div class="line">
          <h2>The rules as files</h2>
          {FILES.map(([key, name, product]) => (
            <CopyButton
              key={key}
              text={() => suggestion[key]}
              label={`Copy ${name}`}
              about={`Copy ${name} for ${product}`}
            />
          ))}
        </div>
        {FILES.map(([key, name, product]) => (
          <details key={key} class="verify-rule">
            <summary>
              <code>{name}</code> for {product}
            </summary>
            <div class="start-snippet">
              <pre>{suggestion[key]}</pre>
            </div>
          </details>
        ))}
      </section>
      <section aria-label="The rules">
        <h2>The rules</h2>
        <PagedTable caption="Rules" columns={RULES} rows={trial.rules} keyOf={({ rule }) => rule} />
      </section>
      <section aria-label="Figures from kept spans">
        <h2>Figures from kept spans, beside the truth</h2>
        <p class="muted">
          With the Collector’s feature gate usetracestate. In brackets: where such a figure lies in 19 of 20
          cases.
        </p>
        <PagedTable
          caption="Figures"
          columns={FIGURES}
          rows={trial.figures}
          keyOf={({ service, route }) => `${service} ${route}`}
        />
      </section>
    </div>
  );
}

const FILES = [
  ['collector', 'collector.yaml', 'the Collector'],
  ['refinery', 'refinery.yaml', 'Refinery'],
] as const;

/** The kept traffic, beside all. */
function Totals({ all, trial: { kept, lost }, expected }: { all: Volume; trial: Trial; expected: number }) {
  const facts = [
    ['traces kept', formatShare(kept.traces / all.traces), `of ${formatCount(all.traces)}`],
    [
      'events a month',
      formatCount(kept.events_month),
      `of ${formatCount(all.events_month)}; ${formatCount(expected)} to expect`,
    ],
    ['GB a month', formatNumber(kept.gb_month), `of ${formatNumber(all.gb_month)}`],
    ['traces with an error lost', formatNumber(lost.errors.lost), `of ${formatCount(lost.errors.traces)}`],
  ];
  return (
    <ul class="overview-totals line">
      {facts.map(([name, shown, of]) => (
        <li key={name}>
          <strong>{shown}</strong> <span class="muted">{name}</span>
          <span class="muted overview-was">{of}</span>
        </li>
      ))}
    </ul>
  );
}

function WhatIsLost({ trial: { lost }, range }: { trial: Trial; range: Range }) {
  const { causes, causes_looked, causes_of, routes, slow, users } = lost;
  const slowLost = slow.reduce((sum, each) => sum + each.lost, 0);
  const gone = causes.filter(isGone).length;
  const [isAll, setAll] = useState(false);
  return (
    <section class="plane" aria-label="What is lost">
      <h2>{gone === 0 ? 'No cause is lost' : `${counted(gone, 'cause')} would no longer be found`}</h2>
      <p class="muted">
        Looked for in {formatCount(causes_looked)} of {counted(causes_of, 'trace')}.
      </p>
      <ul class="cause-list">
        {(isAll ? causes : causes.slice(0, ROWS)).map((cause) => (
          <li key={cause.id} class="choice-row cause-row">
            <span class="error-text" aria-hidden="true">
              {isGone(cause) && '✗'}
            </span>
            <a class="cause-link" href={hrefOf(causePlace(cause.id, range))}>
              <bdi class={`cause-sentence${isGone(cause) ? ' error-text' : ''}`} title={cause.sentence}>
                {visibleName(cause.sentence)}
              </bdi>
              <span class="numeric">
                {formatNumber(cause.lost)} of {formatCount(cause.traces)} dropped
              </span>
              <span class="cause-since">{foundWords(cause.gone, formatShare)}</span>
            </a>
          </li>
        ))}
      </ul>
      {causes.length > ROWS && (
        <button type="button" onClick={() => setAll(!isAll)}>
          {isAll ? 'Fewer causes' : `All ${formatCount(causes.length)} causes`}
        </button>
      )}
      <ul>
        <li>Slow traces dropped, of the slowest twentieth of each route: {formatNumber(slowLost)}.</li>
        <li>
          {routes.length === 0
            ? 'Each route keeps a trace.'
            : `Routes without a trace: ${routes.map(({ service, route }) => visibleName(`${service} ${route}`)).join(', ')}.`}
        </li>
        {users.of > 0 && (
          <li>
            Users without a trace ({visibleName(users.field)}): {formatNumber(users.gone)} of{' '}
            {formatCount(users.of)}.
          </li>
        )}
      </ul>
    </section>
  );
}

const RULES: readonly TableColumn<Trial['rules'][number]>[] = [
  { key: 'rule', title: 'Rule', cell: ({ rule }) => rule || 'no rule' },
  { key: 'traces', title: 'Traces', numeric: true, cell: ({ traces }) => formatCount(traces) },
  { key: 'kept', title: 'Kept', numeric: true, cell: ({ kept }) => formatNumber(kept) },
  { key: 'events', title: 'Events kept', numeric: true, cell: ({ events }) => formatNumber(events) },
];

type FigureRow = Trial['figures'][number];
function figure(told: Told, word: (value: number) => string): string {
  return `${word(told.truth)} → ${keptWords(told, word)}`;
}

const FIGURES: readonly TableColumn<FigureRow>[] = [
  {
    key: 'route',
    title: 'Route',
    cell: ({ service, route }) => <bdi>{visibleName(`${service} ${route}`)}</bdi>,
  },
  {
    key: 'count',
    title: 'Count → from kept',
    numeric: true,
    cell: ({ count }) => figure(count, formatNumber),
  },
  {
    key: 'errors',
    title: 'Error rate → from kept',
    numeric: true,
    cell: ({ error_rate }) => figure(error_rate, formatShare),
  },
  {
    key: 'p95',
    title: 'P95 → from kept',
    numeric: true,
    cell: ({ p95_ms }) => figure(p95_ms, formatDuration),
  },
];
