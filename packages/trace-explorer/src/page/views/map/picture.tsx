import { useMemo } from 'preact/hooks';
import type { MapCall, ServiceMap } from '../../../map/service-map.ts';
import { verifyPath } from '../../../places/first-read.ts';
import { hrefOf } from '../../../places/place.ts';
import type { Range } from '../../../places/shown-range.ts';
import type { Report } from '../../../verify/report.ts';
import { useJson, useLoad } from '../../ask/use-load.ts';
import { Instrumentation, Reports } from '../../components/services/instrumentation.tsx';
import { Busy } from '../../components/states/busy.tsx';
import { CallLine } from './call-line.tsx';
import { Drawing } from './drawing.tsx';
import type { Around } from './layout/around.ts';
import { planAround } from './layout/around.ts';
import type { busiestPart } from './layout/busiest-part.ts';
import type { Plan } from './layout/plan.ts';
import { ServiceBox } from './service-box.tsx';
import { callPlace, neighboursPlace, servicePlace } from './span-places.ts';
import { useFindings } from './use-findings.ts';

interface PictureProps {
  readonly map: ServiceMap;
  readonly range: Range;
}

/** A service in the middle, its callers to the left, its callees to the right. */
export function AroundPicture({ around, ...props }: PictureProps & { around: Around }) {
  const plan = useMemo(() => planAround(around), [around]);
  return <PlanPicture {...props} plan={plan} selected={around.center.name} />;
}

/** All services, or the services along the busiest calls. */
export function WholePicture({ part, ...props }: PictureProps & { part: ReturnType<typeof busiestPart> }) {
  // dagre is loaded when there is something to lay out.
  const { value: plan, error } = useLoad(
    async () => (await import('./layout/whole.ts')).planWhole(part),
    [part],
  );
  if (error !== undefined)
    return <p role="alert">The map could not be drawn. The tables below say the same.</p>;
  return plan === undefined ? <Busy what="Drawing the map" /> : <PlanPicture {...props} plan={plan} />;
}

function PlanPicture({ plan, selected, map, range }: PictureProps & { plan: Plan; selected?: string }) {
  const findings = useFindings(range, map);
  // Read after the map is shown.
  const verified = useJson<Report>(verifyPath(range), [map]);
  const reports = verified.stale ? [] : (verified.value?.services ?? []);
  const center = plan.boxes.find(({ key }) => key === selected)?.service;
  const shareOf = useMemo(() => timeShares(plan), [plan]);
  return (
    <>
      <Drawing plan={plan} inSight={selected}>
        {plan.lines.map((line) => (
          <CallLine
            key={line.key}
            line={line}
            href={hrefOf(callPlace(line.call, map, range))}
            share={shareOf(line.call)}
            range={range}
          />
        ))}
        {plan.boxes.map((box) => {
          const isCenter = box.key === selected;
          const { service } = box;
          return (
            <ServiceBox
              key={box.key}
              box={box}
              href={hrefOf(isCenter ? servicePlace(service, range) : neighboursPlace(service.name, range))}
              range={range}
              selected={isCenter}
              {...(service.type === 'service' && {
                findings: findings.get(service.name),
                report: reports.find((each) => each.service === service.name),
              })}
            />
          );
        })}
      </Drawing>
      {center?.type === 'service' && (
        <Instrumentation key={center.name}>
          <Reports load={verified} service={center.name} />
        </Instrumentation>
      )}
    </>
  );
}

/** The share of each call in the time of all drawn calls. */
function timeShares({ lines }: Plan): (call: MapCall) => number {
  const all = lines.reduce((sum, { call }) => sum + call.total_ms, 0);
  return ({ total_ms: own }) => (all > 0 ? own / all : 0);
}
