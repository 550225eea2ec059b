import '../../../page/common.ts';
import { titleOf } from '../../../core/runs/run-words.ts';
import { searchOf } from '../../../core/shared/search-of.ts';
import { useJson } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { useViewTools } from '../../../page/browser/view-tools.ts';
import { Card } from '../../../page/components/card.tsx';
import { Icon } from '../../../page/components/icon.tsx';
import type { IconName } from '../../../page/components/icons.ts';
import { CopyButton } from '../../../page/components/inputs/copy-button.tsx';
import { Link } from '../../../page/components/link.tsx';
import { Meter } from '../../../page/components/meter.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import { formatCount } from '../../../page/values/format.ts';
import type { ReportLine, ReportPart } from '../report-parts.ts';
import { changesBy, FAILING, partsOf, TRUNCATED } from '../report-parts.ts';
import type { RunReport } from '../server/schemas.ts';
import { RunCard } from './run-facts.tsx';

/** `/report?run=RUN&base=BASE`: what a run did, and with a base what it changed. Without a run, the newest one. */
export default function ReportView({ place: { params } }: ViewProps) {
  const load = useJson<RunReport>(`/api/report?${searchOf({ run: params.run, base: params.base })}`);
  useViewTools({ refresh: load.reload });
  return (
    <Loaded load={load} what={params.base === undefined ? 'Reading the run' : 'Comparing the runs'}>
      {(report) => (
        <>
          <Head report={report} />
          <div class="cards">
            <Counts report={report} />
            {partsOf(report).map((part) => (
              <Part key={part.title} part={part} />
            ))}
          </div>
        </>
      )}
    </Loaded>
  );
}

async function markdownOf(report: RunReport): Promise<string> {
  const { renderReport } = await import('../markdown-report.ts');
  return renderReport(report);
}

/** Saves the report as a file of Markdown. */
async function save(report: RunReport): Promise<void> {
  const href = URL.createObjectURL(new Blob([await markdownOf(report)], { type: 'text/markdown' }));
  Object.assign(document.createElement('a'), { href, download: 'report.md' }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000); // the browser has begun with the file
}

function Head({ report }: { report: RunReport }) {
  const { run, base, causes, base_causes, truncated, not_compared = {} } = report;
  const notes = [
    ...Object.entries(not_compared).map(([what, why]) => `The ${what} were not compared: ${why}.`),
    ...(truncated ? [TRUNCATED] : []),
  ];
  return (
    <header class="view-head band column">
      <div class="line">
        <nav class="faint strip tight" aria-label="Where this is">
          <Link class="quiet" to={{ view: 'runs', params: {} }}>
            Runs
          </Link>{' '}
          <Icon name="chevron-right" /> Report
        </nav>
        <span class="grow" />
        <CopyButton text={() => markdownOf(report)} label="Copy as Markdown" />
        <button type="button" onClick={() => void save(report)}>
          <Icon name="download" /> Save
        </button>
      </div>
      <h1>{titleOf(run, base)}</h1>
      <div class="run-cards line">
        {base && (
          <>
            <RunCard run={base} causes={base_causes} />
            <Icon name="arrow-right" />
          </>
        )}
        <RunCard run={run} causes={causes.length} />
      </div>
      {notes.map((note) => (
        <p key={note} class="muted">
          {note}
        </p>
      ))}
    </header>
  );
}

/** A number of the report; red when it is bad news. */
type Count = readonly [name: string, count: number | undefined, isNews?: boolean, of?: string];

function countsOf({ changes, not_compared = {}, ...report }: RunReport): readonly Count[] {
  const { tests, failed, causes, with_requests, run } = report;
  const failing: Count = ['Tests failed', failed, true, `of ${formatCount(tests)}`];
  if (changes === undefined)
    return [
      ['Causes', causes.length, true],
      ['Requests', run.requests],
      ['Requests failed', run.errors, true],
      ['Tests', tests],
      ['Tests with requests', with_requests],
      failing,
    ];
  const { more, slower } = changesBy(changes);
  const unless = (why: string | undefined, count: number) => (why === undefined ? count : undefined);
  return [
    ['New causes', unless(not_compared.causes, changes.new_causes.length), true],
    ['Gone', unless(not_compared.causes, changes.gone_causes.length)],
    ['Call more', unless(not_compared.calls, more.length), true],
    ['Slower', unless(not_compared.times, slower.length), true],
    ['New dependencies', changes.new_dependencies.length],
    failing,
  ];
}

function Counts({ report }: { report: RunReport }) {
  return (
    <dl class="card tiles report-counts" style={{ '--least': '150px' }}>
      {countsOf(report).map(([name, count, isNews, of]) => (
        <div key={name}>
          <dt class="meta">{name}</dt>
          <dd class={!count ? 'large faint' : isNews ? 'large error-text' : 'large'}>
            {count === undefined ? '–' : formatCount(count)} {of && <small class="faint">{of}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Lists of what got worse, and those that only measure. Others are news that may be wanted. */
const BAD: ReadonlySet<string> = new Set(['New causes', 'Causes', 'Newly failing', 'Slower', FAILING]);
const ICONS: Readonly<Record<string, IconName>> = {
  'Calls per request': 'flow',
  'Longest tests': 'clock',
  Slower: 'clock',
  'New dependencies': 'flow',
  Mended: 'check',
  Gone: 'check',
};

const COLUMNS = { '--columns': '16px minmax(0, 1fr) 250px minmax(64px, auto) 16px' };

function Part({ part: { title, lines } }: { part: ReportPart }) {
  const longest = Math.max(...lines.map(({ figures }) => Math.max(figures?.before ?? 0, figures?.now ?? 0)));
  return (
    <Card title={title} about={formatCount(lines.length)}>
      <ul class="rows" style={COLUMNS}>
        {lines.map((line, i) => (
          <Row key={i} line={line} title={title} longest={longest} />
        ))}
      </ul>
    </Card>
  );
}

function Row({ line, title, longest }: { line: ReportLine; title: string; longest: number }) {
  const { row = [line.say((each) => each)], figures, place } = line;
  const [text, ...details] = row;
  const before = figures?.before;
  const isBad = BAD.has(title) || (before !== undefined && before < (figures?.now ?? 0));
  return (
    <li>
      <span class={isBad ? 'wide-only error-text' : 'wide-only faint'}>
        <Icon name={ICONS[title] ?? (isBad ? 'error' : 'branch')} />
      </span>
      <div class="row-text">
        <Link isRow class="row-link quiet strong ellipsis" to={place}>
          {text}
        </Link>
        <span class="meta ellipsis">{details.filter(Boolean).join(' · ')}</span>
      </div>
      <div class="wide-only">{figures && <Bars figures={figures} longest={longest} isBad={isBad} />}</div>
      <span class={isBad ? 'numeric strong error-text' : 'numeric strong'}>
        {figures && changeText(figures)}
      </span>
      <Icon name="chevron-right" />
    </li>
  );
}

/** How many times as much: `× 8`; of a test what it took. */
function changeText({ before, now, text }: NonNullable<ReportLine['figures']>): string {
  if (before === undefined) return text(now);
  return before === 0 ? 'new' : now === 0 ? 'gone' : `× ${Number((now / before).toPrecision(2))}`;
}

interface BarsProps {
  readonly figures: NonNullable<ReportLine['figures']>;
  readonly longest: number;
  readonly isBad: boolean;
}

/** Before and now below each other; of a test its own time, and the rest. */
function Bars({ figures: { before, now, own = 0, text }, longest, isBad }: BarsProps) {
  const shareOf = (value: number) => value / (longest || 1);
  if (before === undefined)
    return (
      <div style={{ width: `${100 * shareOf(now)}%` }}>
        <Meter share={own / (now || 1)} />
      </div>
    );
  return (
    <span class="measured meta" style={{ '--columns': '44px minmax(0, 1fr) auto' }}>
      <span class="faint">before</span>
      <Meter share={shareOf(before)} />
      <span class="numeric">{text(before)}</span>
      <span class="faint">now</span>
      <Meter share={shareOf(now)} color={isBad ? 'var(--err)' : undefined} />
      <span class="numeric strong">{text(now)}</span>
    </span>
  );
}
