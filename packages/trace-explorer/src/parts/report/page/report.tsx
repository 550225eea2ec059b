import { anyText, readParams } from '../../../core/places/read-params.ts';
import { isProblem, knownFaultText } from '../../../core/problems/said.ts';
import { outcomeOf } from '../../../core/runs/exit-code.ts';
import { titleOf } from '../../../core/runs/run-words.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { useJson } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { useTitle } from '../../../page/browser/use-title.ts';
import { SectionCard } from '../../../page/components/cards/section-card.tsx';
import { Icon } from '../../../page/components/icon.tsx';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { Link } from '../../../page/components/link.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { about, formatCount } from '../../../page/values/format.ts';
import { changesIn, newsTitle, sectionsOf, TRUNCATED } from '../sections.ts';
import type { RunReport } from '../server/schemas.ts';
import { RunCard } from './run-facts.tsx';

const REPORT_PARAMS = { run: anyText, base: anyText } as const;

/** `/report?run=RUN&base=BASE`: what a run did, and with a base what it changed. Without a run, the newest one. */
export default function ReportView({ place }: ViewProps) {
  const { run, base } = readParams(REPORT_PARAMS, place.params);
  const load = useJson<RunReport>(`/api/report?${searchOf({ run, base, known: true })}`);
  useTitle(load.value && titleOf(load.value.run, load.value.base));
  return (
    <Loaded isView load={load} what={base === undefined ? 'Reading the run' : 'Comparing the runs'}>
      {(report) => {
        const { run, base, base_causes, truncated, not_compared = {}, known_fault } = report;
        const notes = [
          ...Object.entries(not_compared).map(([what, why]) => `The ${what} were not compared: ${why}.`),
          ...(truncated ? [TRUNCATED] : []),
          ...(known_fault === undefined ? [] : [knownFaultText(known_fault)]),
        ];
        return (
          <>
            <header class="view-head band column">
              <div class="line">
                <nav class="faint strip tight" aria-label="Where this is">
                  <Link class="quiet" to={{ view: 'runs', params: {} }}>
                    Runs
                  </Link>{' '}
                  <Icon name="chevron-right" /> Report
                </nav>
                <span class="grow" />
                <CopyButton
                  text={async () => (await asMarkdown()).renderReport(report)}
                  label="Copy as Markdown"
                />
                <button type="button" onClick={async () => (await asMarkdown()).saveReport(report)}>
                  <Icon name="download" /> Save
                </button>
              </div>
              <h1>{titleOf(run, base)}</h1>
              <div class="line">
                {base && (
                  <>
                    <RunCard run={base} causes={base_causes} />
                    <span class="wide-only">
                      <Icon name="arrow-right" />
                    </span>
                  </>
                )}
                <RunCard run={run} causes={report.causes.filter(isProblem).length} />
              </div>
              {notes.map((note) => (
                <p key={note} class="muted">
                  {note}
                </p>
              ))}
            </header>
            <div class="cards">
              <dl class="card tiles report-counts" style={{ '--least': 'max(150px, 15%)' }}>
                {countsOf(report).map(([name, count, isNews, of, stored]) => (
                  <div key={name}>
                    <dt class="meta">{name}</dt>
                    <dd class={!count ? 'large faint' : isNews ? 'large error-text' : 'large'}>
                      {count === undefined ? '–' : about(formatCount(count), stored)}{' '}
                      {of && <span class="meta">{of}</span>}
                    </dd>
                  </div>
                ))}
              </dl>
              {sectionsOf(report, { inFull: true }).map((section) => (
                <SectionCard key={section.title} section={section} />
              ))}
            </div>
          </>
        );
      }}
    </Loaded>
  );
}
ReportView.params = () => REPORT_PARAMS;

/** What is only pressed after a look comes then. */
const asMarkdown = () => import('./as-markdown.ts');

/** A number of the report; red when it is bad news. */
type Count = readonly [
  name: string,
  count: number | undefined,
  isNews?: boolean,
  of?: string | undefined,
  stored?: number | undefined,
];

function countsOf({ changes, not_compared = {}, ...report }: RunReport): readonly Count[] {
  const { tests, failed, flaky = [], causes, with_requests, run, base } = report;
  const unsteady = flaky.length === 0 ? '' : `, ${formatCount(flaky.length)} flaky`;
  const otherwise = outcomeOf({ ...run, failed }) === 'ran' ? `, but exit code ${run.exit_code}` : '';
  const failing: Count = ['Tests failed', failed, true, `of ${formatCount(tests)}${unsteady}${otherwise}`];
  if (changes === undefined)
    return [
      ['Problems', causes.filter(isProblem).length, true],
      ['Requests', run.requests, false, undefined, run.stored],
      ['Requests failed', run.errors, true, undefined, run.stored],
      ['Tests', tests],
      ['Tests with requests', with_requests],
      failing,
    ];
  const more = changesIn(changes, 'calls').filter(({ how }) => how === 'more');
  const unless = (why: string | undefined, count: number) => (why === undefined ? count : undefined);
  return [
    [newsTitle('problems', base), unless(not_compared.causes, changesIn(changes, 'causes').length), true],
    ...(run.weighted
      ? []
      : [['Gone', unless(not_compared.causes, changesIn(changes, 'gone').length)] as const]),
    ['Call more', unless(not_compared.calls, more.length), true],
    ['Slower', unless(not_compared.times, changesIn(changes, 'slower').length), true],
    [newsTitle('dependencies', base), changesIn(changes, 'dependencies').length],
    failing,
  ];
}
