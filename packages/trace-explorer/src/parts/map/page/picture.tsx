import { useMemo, useState } from 'preact/hooks';
import { useLoad } from '../../../page/api/use-load.ts';
import { Busy } from '../../../page/components/states/busy.tsx';
import { failuresBegin } from './begins.ts';
import { CallLine, MoreOfCall } from './call-line.tsx';
import { Drawing } from './drawing.tsx';
import type { Line, MapPlan } from './layout/plan.ts';
import { ServiceBox } from './service-box.tsx';
import type { ShownMap } from './shown-map.ts';

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
  /** The key of the line under the pointer or the focus. */
  const [pointed, setPointed] = useState<string>();
  const isLit = ({ call }: Line) => lit === call.from || lit === call.to;
  const drawn = plan.lines.map((line) => ({ line, shown, share: line.call.total_ms / (time || 1) }));
  return (
    <Drawing plan={plan} inSight={selected} onWide={shown.onWide}>
      {drawn.map((each) => (
        <CallLine
          {...each}
          key={each.line.key}
          begins={begin.has(each.line.call.to)}
          isLit={lit === undefined ? undefined : isLit(each.line)}
          onPointed={(isPointed) => setPointed(isPointed ? each.line.key : undefined)}
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
      {drawn
        .filter(({ line }) => isLit(line) || line.key === pointed)
        .map((each) => (
          <MoreOfCall {...each} key={each.line.key} />
        ))}
    </Drawing>
  );
}
