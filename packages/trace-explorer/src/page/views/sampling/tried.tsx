import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import type { SamplingReport, Trial } from '../../../sampling/report.ts';
import { visibleName } from '../../../shared/harmless-text.ts';
import { counted } from '../../../shared/words.ts';
import { causePlace } from '../../causes/cause-words.ts';
import { CopyButton } from '../../components/inputs/copy-button.tsx';
import { PagedTable } from '../../components/paged-table.tsx';
import type { TableColumn } from '../../components/table.tsx';
import { formatCount, formatDuration, formatNumber, formatShare } from '../../values/format.ts';

/** What the suggested rules keep and lose, causes first, and the files. */
export function Tried({ report, range }: { report: SamplingReport; range: Range }) {
  const [trial] = report.trials;
  const { all, short, suggestion, logs } = report;
  if (trial === undefined || suggestion === undefined)
    return <p class="muted">A single moment has no rate. Choose a longer time above.</p>;
  const { kept } = trial;
  return (
    <div class="column">
      <p>
        <strong>
          {formatShare(kept.traces / all.traces)} of {counted(all.traces, 'trace')} kept
        </strong>
        , {formatCount(kept.events_month)} of {formatCount(all.events_month)} events a month,{' '}
        {formatNumber(kept.gb_month)} GB.
        {!suggestion.reached && ' The budget is not reached: what is kept whole is more.'}
        {short && ' The time has less than an hour, so figures of a month say little.'}
        {logs > 0 && ` Not counted: ${counted(logs, 'log record')}, which the rules keep.`}
      </p>
      <Lost trial={trial} range={range} />
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
      <section aria-label="Files">
        <RulesFile name="the Collector" text={suggestion.collector} />
        <RulesFile name="Refinery" text={suggestion.refinery} />
      </section>
    </div>
  );
}

function Lost({ trial: { lost }, range }: { trial: Trial; range: Range }) {
  const { errors, causes, causes_looked, causes_of, routes, slow, users } = lost;
  const slowLost = slow.reduce((sum, each) => sum + each.lost, 0);
  return (
    <section class="plane" aria-label="What is lost">
      <h2>{causes.length === 0 ? 'No cause is lost' : 'Causes that lose traces'}</h2>
      <p class="muted">
        Looked for in {formatCount(causes_looked)} of {counted(causes_of, 'trace')}.
      </p>
      {causes.length > 0 && (
        <PagedTable
          caption="Causes"
          columns={[
            {
              key: 'cause',
              title: 'Cause',
              cell: ({ id, sentence }) => <a href={hrefOf(causePlace(id, range))}>{visibleName(sentence)}</a>,
            },
            { key: 'found', title: 'Found', cell: ({ gone }) => foundWord(gone) },
            { key: 'lost', title: 'Traces dropped', numeric: true, cell: (cause) => ofAll(cause) },
          ]}
          rows={causes}
          keyOf={({ id }) => id}
        />
      )}
      <ul>
        <li>Traces with an error dropped: {ofAll(errors)}.</li>
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

function RulesFile({ name, text }: { name: string; text: string }) {
  return (
    <>
      <h3>The file for {name}</h3>
      <div class="start-snippet">
        <pre>{text}</pre>
        <CopyButton text={() => text} label="Copy" about={`Copy the file for ${name}`} />
      </div>
    </>
  );
}

function foundWord(gone: number): string {
  if (gone > 0.99) return 'no longer';
  return gone > 0.5 ? `likely no longer (${formatShare(gone)})` : 'less';
}

function ofAll({ lost, traces }: { lost: number; traces: number }): string {
  return `${formatNumber(lost)} of ${formatCount(traces)}`;
}

const RULES: readonly TableColumn<Trial['rules'][number]>[] = [
  { key: 'rule', title: 'Rule', cell: ({ rule }) => rule || 'no rule' },
  { key: 'traces', title: 'Traces', numeric: true, cell: ({ traces }) => formatCount(traces) },
  { key: 'kept', title: 'Kept', numeric: true, cell: ({ kept }) => formatNumber(kept) },
  { key: 'events', title: 'Events kept', numeric: true, cell: ({ events }) => formatNumber(events) },
];

type FigureRow = Trial['figures'][number];
type Told = { truth: number; kept: number; low?: number; high?: number };

function figure({ truth, kept, low, high }: Told, word: (value: number) => string): string {
  const between =
    low === undefined || high === undefined ? 'too few traces' : `${word(low)} to ${word(high)}`;
  const isSure = low === kept && high === kept;
  return `${word(truth)} → ${word(kept)}${isSure ? '' : ` (${between})`}`;
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
