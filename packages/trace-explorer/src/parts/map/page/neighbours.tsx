import { useMemo } from 'preact/hooks';
import { counted } from '../../../core/shared/words.ts';
import { usePages } from '../../../page/components/pager.tsx';
import { heightOfDrawing } from './drawing.tsx';
import type { Side } from './layout/around.ts';
import { graphAround, neighboursOf } from './layout/around.ts';
import { Picture } from './picture.tsx';
import type { ShownMap } from './shown-map.ts';

/** Boxes of a column, and pixels of a box with the gap below. */
const MOST_ROWS = 12;
const ROW = 82;

/** A service in the middle of its callers and its callees, which stand in pages. */
export function Neighbours({ name, ...shown }: ShownMap & { name: string }) {
  const center = shown.map.services.find((service) => service.name === name);
  const callers = useSide(shown, name, 'callers');
  const callees = useSide(shown, name, 'callees');
  const graph = useMemo(
    () => center && graphAround(center, callers.shown, callees.shown),
    [center, callers.shown, callees.shown],
  );
  if (graph === undefined) return <p role="status">{name} sent and received no call in this time.</p>;
  return (
    <>
      <div class="map-shown line">
        {callers.pager}
        {callees.pager}
      </div>
      <Picture {...shown} graph={graph} selected={name} inSight={name} />
    </>
  );
}

function useSide({ map, measure }: ShownMap, name: string, side: Side) {
  const size = Math.max(1, Math.min(MOST_ROWS, Math.floor(heightOfDrawing() / ROW)));
  const all = useMemo(() => neighboursOf(map, name, side, measure), [map, name, measure]);
  const { shown, pager } = usePages(side, all, { size, items: side });
  const text = <span>{counted(all.length, side.slice(0, -1))}</span>;
  return { shown, pager: pager || (all.length === 0 ? <span class="muted">no {side}</span> : text) };
}
