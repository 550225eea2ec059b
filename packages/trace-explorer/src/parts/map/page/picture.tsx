import { useMemo, useState } from 'preact/hooks';
import { hrefOf } from '../../../core/places/place.ts';
import type { Range } from '../../../core/places/range.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import { knownScore } from '../../../page/components/services/known-scores.ts';
import { serviceHref } from '../../../page/components/services/service-name.tsx';
import { Busy } from '../../../page/components/states/busy.tsx';
import type { MapCall, ServiceMap } from '../server/schemas.ts';
import { failuresBegin } from './begins.ts';
import { CallLine } from './call-line.tsx';
import { Drawing } from './drawing.tsx';
import type { Around } from './layout/around.ts';
import { planAround } from './layout/around.ts';
import type { MapPlan } from './layout/plan.ts';
import type { RankedBy } from './ranked.ts';
import { ServiceBox } from './service-box.tsx';
import { callPlace, servicePlace } from './span-places.ts';
import type { IsHigh } from './use-usual.ts';

interface PictureProps {
  readonly map: ServiceMap;
  readonly range: Range;
  readonly measure: RankedBy;
  /** Whether so much of a service or a call fails that its share is red. */
  readonly isHigh: IsHigh;
}

/** A service in the middle, its callers to the left, its callees to the right. */
export function AroundPicture({ around, ...props }: PictureProps & { around: Around }) {
  const plan = useMemo(() => planAround(around), [around]);
  return <PlanPicture {...props} plan={plan} selected={around.center.name} />;
}

/** All services. */
export function WholePicture(props: PictureProps) {
  const { map } = props;
  // dagre is loaded when there is something to lay out.
  const { value: plan, error } = useLoad(
    async () => (await import('./layout/whole.ts')).planWhole(map),
    [map],
  );
  if (error !== undefined) return <p role="alert">The drawing of the map failed. The tables say the same.</p>;
  return plan === undefined ? <Busy what="Drawing the map" /> : <PlanPicture {...props} plan={plan} />;
}

function PlanPicture({
  plan,
  selected,
  map,
  range,
  measure,
  isHigh,
}: PictureProps & { plan: MapPlan; selected?: string }) {
  const shareOf = useMemo(() => timeShares(plan), [plan]);
  const begin = failuresBegin(map, isHigh);
  /** The service under the pointer or the focus: its lines are lit. */
  const [lit, setLit] = useState<string>();
  return (
    <Drawing plan={plan} inSight={selected}>
      {plan.lines.map((line) => (
        <CallLine
          key={line.key}
          line={line}
          href={hrefOf(callPlace(line.call, map, range))}
          share={shareOf(line.call)}
          range={range}
          measure={measure}
          isHigh={isHigh(line.call.to, line.call)}
          begins={begin.has(line.call.to)}
          isLit={lit === undefined ? undefined : lit === line.call.from || lit === line.call.to}
        />
      ))}
      {plan.boxes.map((box) => {
        const { service } = box;
        return (
          <ServiceBox
            key={box.key}
            box={box}
            href={
              service.type === 'database' ? hrefOf(servicePlace(service, range)) : serviceHref(service.name)
            }
            range={range}
            selected={box.key === selected}
            isHigh={isHigh(service.name, service)}
            begins={begin.has(service.name)}
            score={service.type === 'service' ? knownScore(service.name) : undefined}
            onLit={(isLit) => setLit(isLit ? service.name : undefined)}
          />
        );
      })}
    </Drawing>
  );
}

function timeShares({ lines }: MapPlan): (call: MapCall) => number {
  const all = lines.reduce((sum, { call }) => sum + call.total_ms, 0);
  return ({ total_ms: own }) => (all > 0 ? own / all : 0);
}
