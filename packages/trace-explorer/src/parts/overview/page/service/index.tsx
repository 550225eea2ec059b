import { Link } from '../../../../page/components/link.tsx';
import '../../../../page/common.ts';
import type { ComponentChildren } from 'preact';
import type { LogPage } from '../../../../core/logs/schemas.ts';
import { tracePlace } from '../../../../core/places/place.ts';
import type { Range } from '../../../../core/places/range.ts';
import {
  rangeParams,
  rangePlace,
  shownRange,
  timedPath,
  timesOf,
  USUAL_SECONDS,
} from '../../../../core/places/shown-range.ts';
import type { Deploy } from '../../../../core/range/schemas.ts';
import { visibleName } from '../../../../core/shared/harmless-text.ts';
import { searchOf } from '../../../../core/shared/search-of.ts';
import { useJson } from '../../../../page/api/use-load.ts';
import type { ViewProps } from '../../../../page/browser/router.ts';
import { setParams } from '../../../../page/browser/router.ts';
import { ServiceName } from '../../../../page/components/services/service-name.tsx';
import { Loaded } from '../../../../page/components/states/loaded.tsx';
import { ChooseTime } from '../../../../page/components/times/choose-time.tsx';
import { Time } from '../../../../page/components/times/time.tsx';
import { ServiceNeighbours } from '../../../map/page/neighbours.tsx';
import type { Report } from '../../../verify/server/schemas.ts';
import { servicePlace } from '../overview-places.ts';
import { WhatIsWrong } from '../what-is-wrong.tsx';
import { ServiceFigures, ServiceRoutes } from './figures.tsx';

interface PartProps {
  readonly service: string;
  readonly range: Range;
}

/** `/service/NAME`: all about one service. Each part reads by itself, and stays when another part fails. */
export default function ServiceView({ place }: ViewProps) {
  const service = place.id ?? '';
  const range = shownRange(place) ?? USUAL_SECONDS;
  const props = { service, range };
  const fields = rangePlace('traces', range, { service });
  return (
    <div class="column" key={service}>
      <div class="line">
        <h1 class="service-title">
          <ServiceName name={service} />
        </h1>
        <ChooseTime range={range} onChoose={(chosen) => setParams(rangeParams('service', chosen))} />
        <Link isAction to={fields}>
          Traces
        </Link>
        <Link isAction to={{ ...fields, params: { ...fields.params, errors: 'true' } }}>
          Its errors
        </Link>
        <Link isAction to={servicePlace(service, range)}>
          Query
        </Link>
      </div>
      <ServiceFigures {...props} />
      <WhatIsWrong range={range} place={place} at={service} />
      <Part title="Routes">
        <ServiceRoutes {...props} />
      </Part>
      <Part title="Callers and callees">
        <ServiceNeighbours {...props} />
      </Part>
      <div class="service-columns columns">
        <Part title="Deploys">
          <Deploys {...props} />
        </Part>
        <Part title="Log lines">
          <LogLines {...props} />
        </Part>
        <Part title="Instrumentation">
          <Score {...props} />
        </Part>
      </div>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** The score of its telemetry, and its failing rules, each with a span that shows it. */
function Score({ service, range }: PartProps) {
  return (
    <Loaded load={useJson<Report>(timedPath('/api/verify', range))} what="Verifying the telemetry">
      {({ services }) => {
        const own = services.find((each) => each.service === service);
        if (own === undefined) return <p class="muted">Nothing came in this time.</p>;
        const rules = new Map(own.violations.map(({ title, place }) => [title, place]));
        return (
          <ul class="service-list">
            <li>
              <strong>{own.score}</strong> {own.category}
            </li>
            {[...rules].map(([title, place]) => (
              <li key={title}>
                <a href={place}>{title}</a>
              </li>
            ))}
            <li>
              <Link isAction to={rangePlace('verify', range)}>
                What mends it
              </Link>
            </li>
          </ul>
        );
      }}
    </Loaded>
  );
}

function Deploys({ service, range }: PartProps) {
  const path = `/api/services/${encodeURIComponent(service)}/deploys?${searchOf(timesOf(range))}`;
  return (
    <Loaded load={useJson<{ deploys: readonly Deploy[] }>(path)} what="Reading the deploys">
      {({ deploys }) => (
        <ul class="service-list">
          {deploys.map(({ version, previous, time }) => (
            <li key={`${version} ${time}`}>
              <strong>{visibleName(version)}</strong> after {visibleName(previous)},{' '}
              <Time at={Date.parse(time)} />
            </li>
          ))}
          {deploys.length === 0 && <li class="muted">No second version has sent a span.</li>}
        </ul>
      )}
    </Loaded>
  );
}

const NEWEST_LINES = 10;

function LogLines({ service, range }: PartProps) {
  const { time_range, ...times } = { time_range: undefined, ...timesOf(range) };
  const start = time_range === undefined ? undefined : Math.floor(Date.now() / 1000) - time_range;
  const query = searchOf({ service, limit: NEWEST_LINES, start_time: start, ...times });
  const load = useJson<LogPage>(`/api/logs?${query}`, [service, JSON.stringify(range)]);
  return (
    <Loaded load={load} what="Reading the log lines">
      {({ logs }) => (
        <ul class="service-list">
          {logs.map(({ id, time, body, trace_id, span_id }) => (
            <li key={id} class="ellipsis">
              <Time at={Date.parse(time)} />{' '}
              {trace_id === undefined ? (
                <bdi class="mono">{body}</bdi>
              ) : (
                <Link class="mono" to={tracePlace(trace_id, span_id)}>
                  {body}
                </Link>
              )}
            </li>
          ))}
          <li>
            {logs.length === 0 ? (
              <span class="muted">No line came.</span>
            ) : (
              <Link isAction to={rangePlace('logs', range, { service })}>
                All its lines
              </Link>
            )}
          </li>
        </ul>
      )}
    </Loaded>
  );
}
