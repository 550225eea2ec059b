import { useMemo, useState } from 'preact/hooks';
import { useLoad } from '../../../page/api/use-load.ts';
import { Busy } from '../../../page/components/states/busy.tsx';
import { failuresBegin } from './begins.ts';
import { CallLine } from './call-line.tsx';
import { Drawing } from './drawing.tsx';
import type { MapPlan } from './layout/plan.ts';
import { ServiceBox } from './service-box.tsx';
import type { ShownMap } from './use-usual.ts';

/** All services. */
export function WholePicture(props: ShownMap) {
  const { map } = props;
  // dagre is loaded when there is something to lay out.
  const { value: plan, error } = useLoad(
    async () => (await import('./layout/whole.ts')).planWhole(map),
    [map],
  );
  if (error !== undefined) return <p role="alert">The drawing of the map failed. The tables say the same.</p>;
  return plan === undefined ? <Busy what="Drawing the map" /> : <PlanPicture {...props} plan={plan} />;
}

interface PlanPictureProps extends ShownMap {
  readonly plan: MapPlan;
  /** The service in the middle. */
  readonly selected?: string;
}

export function PlanPicture({ plan, selected, ...shown }: PlanPictureProps) {
  const time = useMemo(() => plan.lines.reduce((sum, { call }) => sum + call.total_ms, 0), [plan]);
  const begin = failuresBegin(shown.map, shown.isHigh);
  /** The service under the pointer or the focus: its lines are lit. */
  const [lit, setLit] = useState<string>();
  return (
    <Drawing plan={plan} inSight={selected}>
      {plan.lines.map((line) => (
        <CallLine
          key={line.key}
          line={line}
          shown={shown}
          share={line.call.total_ms / (time || 1)}
          begins={begin.has(line.call.to)}
          isLit={lit === undefined ? undefined : lit === line.call.from || lit === line.call.to}
        />
      ))}
      {plan.boxes.map((box) => (
        <ServiceBox
          key={box.key}
          box={box}
          shown={shown}
          selected={box.key === selected}
          begins={begin.has(box.service.name)}
          onLit={(isLit) => setLit(isLit ? box.service.name : undefined)}
        />
      ))}
    </Drawing>
  );
}
