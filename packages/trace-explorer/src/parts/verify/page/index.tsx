import '../../../page/common.ts';
import { shownRange, timedPath, USUAL_SECONDS } from '../../../core/places/shown-range.ts';
import { visibleName } from '../../../core/shared/harmless-text.ts';
import { counted } from '../../../core/shared/words.ts';
import { useJson } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { PagedTable } from '../../../page/components/paged-table.tsx';
import { rememberScores } from '../../../page/components/services/known-scores.ts';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { EmptyState } from '../../../page/components/states/empty-state.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import type { TableColumn } from '../../../page/components/table.tsx';
import { formatCount } from '../../../page/values/format.ts';
import type { Report, ServiceReport } from '../server/schemas.ts';
import type { FailedRule } from './by-rule.ts';
import { failedRules } from './by-rule.ts';

/** `/verify`: whether the telemetry is right: failing rules with their mends, and every service's score. */
export default function VerifyView({ place }: ViewProps) {
  const range = shownRange(place) ?? USUAL_SECONDS;
  const load = useJson<Report>(timedPath('/api/verify', range, { service: place.params.service }));
  return (
    <>
      <div class="line">
        <h1 class="visually-hidden">Verify</h1>
        <button type="button" onClick={load.reload}>
          Refresh
        </button>
      </div>
      <Loaded load={load} what="Verifying the telemetry">
        {(report) => <WholeReport report={report} />}
      </Loaded>
    </>
  );
}

function WholeReport({ report }: { report: Report }) {
  const { services, looked_at, of, specification } = report;
  if (services.length === 0)
    return (
      <EmptyState title="Nothing came in this time">
        <p>Without data nothing is right or wrong.</p>
      </EmptyState>
    );
  const rules = failedRules(report);
  rememberScores(report.services);
  return (
    <div class="verify column">
      <p class="muted">
        {counted(services.length, 'service')} by the Instrumentation Score {specification.version}, without
        metrics; the explorer looked at {formatCount(looked_at)} of {formatCount(of)} spans and log records
        whole.
      </p>
      <section class="plane" aria-label="What fails">
        <h2>{rules.length === 0 ? 'Nothing fails' : 'What fails'}</h2>
        {rules.map((rule) => (
          <Rule key={rule.rule} rule={rule} />
        ))}
      </section>
      <h2>Services, the lowest score first</h2>
      <PagedTable caption="Services" columns={COLUMNS} rows={services} keyOf={({ service }) => service} />
    </div>
  );
}

/** A rule in plain words, its mend, and the services where it fails. */
function Rule({ rule: { rule, title, impact, found, services, mends } }: { rule: FailedRule }) {
  return (
    <details class="verify-rule">
      <summary>
        <strong>{title}</strong> · {counted(services, 'service')}{' '}
        <span class="muted">
          ({rule}
          {impact === undefined ? '' : `, ${impact}`})
        </span>{' '}
        <code class="muted">{mends[0]}</code>
      </summary>
      <dl class="verify-mends">
        <dt class="muted">What mends it</dt>
        {mends.map((mend) => (
          <dd key={mend}>
            <code>{mend}</code>
          </dd>
        ))}
      </dl>
      <PagedTable
        caption={title}
        columns={[
          { title: 'Service', cell: ({ service }) => <ServiceLink name={service.service} /> },
          {
            title: 'What',
            cell: ({ violation }) => <bdi title={violation.sentence}>{visibleName(violation.sentence)}</bdi>,
          },
          {
            title: 'Shown by',
            cell: ({ violation }) => <a href={violation.place}>a span or line</a>,
          },
        ]}
        rows={found}
        keyOf={({ service, violation }) => `${service.service} ${violation.sentence}`}
      />
    </details>
  );
}

const COLUMNS: readonly TableColumn<ServiceReport>[] = [
  { title: 'Service', cell: ({ service }) => <ServiceLink name={service} /> },
  { title: 'Score', numeric: true, cell: ({ score }) => score },
  { title: 'Category', cell: ({ category }) => category },
  {
    title: 'What fails',
    cell: ({ violations }) => [...new Set(violations.map(({ title }) => title))].join(', ') || 'nothing',
  },
  { title: 'Spans', numeric: true, cell: ({ spans }) => formatCount(spans) },
  { title: 'Log lines', numeric: true, cell: ({ logs }) => formatCount(logs) },
];
