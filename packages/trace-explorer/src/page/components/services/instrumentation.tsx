import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { verifyPath } from '../../../places/first-read.ts';
import type { Range } from '../../../places/shown-range.ts';
import type { Report, ServiceReport } from '../../../verify/report.ts';
import type { Load } from '../../ask/use-load.ts';
import { useJson } from '../../ask/use-load.ts';
import { Loaded } from '../states/loaded.tsx';
import { ServiceName } from './service-name.tsx';

/** The section that says whether the telemetry is right. It is closed at first; its children appear when it opens. */
export function Instrumentation({ children }: { children: ComponentChildren }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="instrumentation" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h2>Instrumentation</h2>
      </summary>
      {isOpen && children}
    </details>
  );
}

/** All services of a range. It is read when it appears, because all rows are read. */
export function AllReports({ range }: { range: Range }) {
  return <Reports load={useJson<Report>(verifyPath(range))} />;
}

/** What is read of one service; of all services when `service` is left out. */
export function Reports({ load, service }: { load: Load<Report>; service?: string }) {
  return (
    <Loaded load={load} what="Verifying the telemetry">
      {({ services, specification }) => {
        const shown = services.filter((each) => service === undefined || each.service === service);
        return (
          <>
            {shown.length === 0 && <p>Nothing came in this time.</p>}
            {shown.map((each) => (
              <Service key={each.service} {...each} />
            ))}
            <p class="muted">
              Instrumentation Score {specification.version}, without metrics. What has no impact beside it
              changes no score.
            </p>
          </>
        );
      }}
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
