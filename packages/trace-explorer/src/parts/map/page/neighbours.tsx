import { useMemo } from 'preact/hooks';
import { usePages } from '../../../page/components/pager.tsx';
import { counted } from '../../../page/values/format.ts';
import { neighboursOf } from './layout/around.ts';
import { Picture } from './picture.tsx';
import type { ShownMap } from './shown-map.ts';

/** Boxes of a column: a window of 720 pixels has room for all. */
const MOST_ROWS = 7;

/** A service in the middle of its callers and its callees, which stand in pages. */
export function Neighbours({ name, ...shown }: ShownMap & { name: string }) {
  const service = shown.map.services.find((each) => each.name === name);
  const callers = useSide(shown, name, 'callers');
  const callees = useSide(shown, name, 'callees');
  const graph = useMemo(() => {
    const near = [...callers.shown, ...callees.shown];
    const boxes = near.map(({ box }) => box);
    const calls = near.map(({ drawn }) => drawn);
    return service && { boxes: [{ key: name, service }, ...boxes], calls, isOrdered: true };
  }, [service, callers.shown, callees.shown]);
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

function useSide({ map, measure }: ShownMap, name: string, side: 'callers' | 'callees') {
  const all = useMemo(() => neighboursOf(map, name, side, measure), [map, name, measure]);
  const { shown, pager } = usePages(side, all, { size: MOST_ROWS, items: side });
  const text = <span>{counted(all.length, side.slice(0, -1))}</span>;
  return { shown, pager: pager || (all.length === 0 ? <span class="muted">no {side}</span> : text) };
}
