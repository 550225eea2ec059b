import { useMemo } from 'preact/hooks';
import { usePages } from '../../../page/components/pager.tsx';
import { counted } from '../../../page/values/format.ts';
import { heightOfDrawing } from './drawing.tsx';
import { neighboursOf, planAround, ROW } from './layout/around.ts';
import { PlanPicture } from './picture.tsx';
import type { ShownMap } from './shown-map.ts';

const MOST_ROWS = 12;

/** A service in the middle of its callers and its callees, which stand in pages. */
export function Neighbours({ name, ...shown }: ShownMap & { name: string }) {
  const center = shown.map.services.find((service) => service.name === name);
  const callers = useSide(shown, name, 'callers');
  const callees = useSide(shown, name, 'callees');
  const plan = useMemo(
    () => center && planAround(center, callers.shown, callees.shown),
    [center, callers.shown, callees.shown],
  );
  if (plan === undefined) return <p role="status">{name} sent and received no call in this time.</p>;
  return (
    <>
      <div class="map-shown line">
        {callers.pager}
        {callees.pager}
      </div>
      <PlanPicture {...shown} plan={plan} selected={name} />
    </>
  );
}

function useSide({ map, measure }: ShownMap, name: string, side: 'callers' | 'callees') {
  const size = Math.max(1, Math.min(MOST_ROWS, Math.floor(heightOfDrawing() / ROW)));
  const all = useMemo(() => neighboursOf(map, name, side, measure), [map, name, measure]);
  const { shown, pager } = usePages(side, all, { size, items: side });
  const text = <span>{counted(all.length, side.slice(0, -1))}</span>;
  return { shown, pager: pager || (all.length === 0 ? <span class="muted">no {side}</span> : text) };
}
