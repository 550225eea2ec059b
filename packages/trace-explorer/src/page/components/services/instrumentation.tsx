import { useState } from 'preact/hooks';
import { verifyPath } from '../../../places/first-read.ts';
import type { Range } from '../../../places/shown-range.ts';
import type { Report, ServiceReport } from '../../../verify/report.ts';
import { useJson } from '../../ask/use-load.ts';
import { Loaded } from '../states/loaded.tsx';
import { ServiceName } from './service-name.tsx';

interface InstrumentationProps {
  readonly range: Range;
  /** All services when left out. */
  readonly service?: string;
}

/** Whether the telemetry of a service is right. It is read when somebody opens the section, because all rows are read. */
export function Instrumentation(props: InstrumentationProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="instrumentation" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h2>Instrumentation</h2>
      </summary>
      {isOpen && <Services {...props} />}
    </details>
  );
}

function Services({ range, service }: InstrumentationProps) {
  const path = verifyPath(range, service);
  const load = useJson<Report>(path);
  return (
    <Loaded load={load} what="Verifying the telemetry">
      {({ services, specification }) => (
        <>
          {services.length === 0 && <p>Nothing came in this time.</p>}
          {services.map((each) => (
            <Service key={each.service} {...each} />
          ))}
          <p class="muted">
            Instrumentation Score {specification.version}, without metrics. What has no impact beside it
            changes no score.
          </p>
        </>
      )}
    </Loaded>
  );
}

function Service({ service, score, category, violations }: ServiceReport) {
  return (
    <section>
      <p>
        <ServiceName name={service} /> <strong>{score}</strong> {category}
        {violations.length === 0 && ': nothing fails'}
      </p>
      <ul>
        {violations.map(({ rule, impact, sentence, mend, place }) => (
          <li key={`${rule} ${sentence}`}>
            <a href={place}>{impact === undefined ? rule : `${rule}, ${impact}`}</a>: <bdi>{sentence}</bdi>
            <br />
            <code>{mend}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
