import type { Report, ServiceReport } from '../../../verify/schemas.ts';
import type { Load } from '../../api/use-load.ts';
import { Loaded } from '../states/loaded.tsx';
import { ServiceName } from './service-name.tsx';

/** Score of a service, and its failing rules, each with its mend. */
export function Reports({ load, service }: { load: Load<Report>; service: string }) {
  return (
    <Loaded load={load} what="Verifying the telemetry">
      {({ services, specification }) => {
        const shown = services.filter((each) => each.service === service);
        return (
          <>
            {shown.length === 0 && <p>Nothing came in this time.</p>}
            {shown.map((each) => (
              <Service key={each.service} {...each} />
            ))}
            <p class="muted">
              Instrumentation Score {specification.version}, without metrics. A rule without an impact changes
              no score.
            </p>
          </>
        );
      }}
    </Loaded>
  );
}

function Service({ service, score, category, violations }: ServiceReport) {
  return (
    <section class="reports">
      <p>
        <ServiceName name={service} /> <strong>{score}</strong> {category}
        {violations.length === 0 && ': nothing fails'}
      </p>
      <ul>
        {violations.map(({ rule, title, impact, sentence, mend, place }) => (
          <li key={`${rule} ${sentence}`}>
            {title} (<a href={place}>{impact === undefined ? rule : `${rule}, ${impact}`}</a>):{' '}
            <bdi>{sentence}</bdi>
            <br />
            <code>{mend}</code>
          </li>
        ))}
      </ul>
    </section>
  );
}
