import { useState } from 'preact/hooks';
import { anyText, readParams } from '../../../core/places/read-params.ts';
import { shownRange, timedPath, USUAL_SECONDS } from '../../../core/places/shown-range.ts';
import { counted } from '../../../lib/text/words.ts';
import { useJson } from '../../../page/api/use-load.ts';
import type { ViewProps } from '../../../page/browser/router.ts';
import { Card } from '../../../page/components/cards/card.tsx';
import { Segmented } from '../../../page/components/inputs/segmented.tsx';
import { ListedTable } from '../../../page/components/listed-table.tsx';
import { Meter } from '../../../page/components/meter.tsx';
import { knownScores } from '../../../page/components/services/known-scores.ts';
import { ServiceLink } from '../../../page/components/services/service-name.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import type { TableColumn } from '../../../page/components/table.tsx';
import { NothingInTime } from '../../../page/start/before-spans.ts';
import { formatCount } from '../../../page/values/format.ts';
import type { Report, ServiceReport } from '../server/schemas.ts';
import { failedRules } from './by-rule.ts';
import { RuleRow, ServiceRow } from './failed-row.tsx';

const VERIFY_PARAMS = { service: anyText } as const;

/** `/verify`: whether the telemetry is right: failing rules with their mends, and every service's score. */
export default function VerifyView({ place }: ViewProps) {
  const range = shownRange(place) ?? USUAL_SECONDS;
  const { service } = readParams(VERIFY_PARAMS, place.params);
  const load = useJson<Report>(timedPath('/api/verify', range, { service }));
  return (
    <Loaded isView load={load} what="Verifying the telemetry">
      {(report) =>
        report.services.length === 0 ? (
          <NothingInTime range={range} service={service} />
        ) : (
          <WholeReport report={report} />
        )
      }
    </Loaded>
  );
}
VerifyView.params = () => VERIFY_PARAMS;

function WholeReport({ report }: { report: Report }) {
  const { services, looked_at, of, specification } = report;
  const [by, setBy] = useState<'rule' | 'service'>('rule');
  for (const { service, score } of services) knownScores.set(service, score);
  const rules = failedRules(report);
  const failing = services.filter(({ violations }) => violations.length > 0);
  return (
    <>
      <section class="view-head band">
        <h1>
          {failing.length === 0
            ? `${counted(services.length, 'service')} with nothing to mend`
            : `${formatCount(failing.length)} of ${counted(services.length, 'service')} ${failing.length === 1 ? 'has' : 'have'} something to mend`}
        </h1>
        <p class="meta">
          By the Instrumentation Score {specification.version}, without metrics. {formatCount(looked_at)} of{' '}
          {formatCount(of)} spans and log records were looked at whole.
        </p>
      </section>
      <div class="cards split" style={{ '--split': 'minmax(0, 1fr) 440px' }}>
        <Card
          title={rules.length === 0 ? 'Nothing fails' : 'What fails'}
          about={rules.length > 0 && counted(rules.length, 'rule')}
          tools={
            rules.length > 0 && (
              <Segmented
                label="What fails"
                value={by}
                choices={[
                  ['rule', 'By rule'],
                  ['service', 'By service'],
                ]}
                onChoose={setBy}
              />
            )
          }
        >
          <ul class="rows">
            {by === 'rule'
              ? rules.map((rule) => <RuleRow key={rule.rule} rule={rule} />)
              : failing.map((service) => <ServiceRow key={service.service} service={service} />)}
          </ul>
        </Card>
        <Card class="card columns" title="Services" about="lowest score first" isTable>
          <ListedTable
            caption="Services"
            columns={COLUMNS}
            rows={services}
            keyOf={({ service }) => service}
          />
        </Card>
      </div>
    </>
  );
}

const COLUMNS: readonly TableColumn<ServiceReport>[] = [
  { title: 'Service', cell: ({ service }) => <ServiceLink name={service} /> },
  {
    title: 'Score',
    numeric: true,
    cell: ({ score, category }) => (
      <span class="parts inline" style={{ '--columns': 'auto 40px' }} title={category}>
        {Math.round(score)}
        <Meter
          share={score / 100}
          color={score < 50 ? 'var(--err)' : score < 75 ? 'var(--warn)' : undefined}
        />
      </span>
    ),
  },
  { title: 'Fails', numeric: true, cell: ({ violations }) => violations.length },
  { title: 'Spans', numeric: true, cell: ({ spans }) => formatCount(spans) },
  { title: 'Lines', numeric: true, cell: ({ logs }) => formatCount(logs) },
];
