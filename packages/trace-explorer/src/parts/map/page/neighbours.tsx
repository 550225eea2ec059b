import { useMemo, useState } from 'preact/hooks';
import { counted } from '../../../core/shared/words.ts';
import { Pager } from '../../../page/components/pager.tsx';
import { heightOfDrawing } from './drawing.tsx';
import type { MapColumn } from './layout/around.ts';
import { aroundOf, planAround, ROW } from './layout/around.ts';
import { PlanPicture } from './picture.tsx';
import type { ShownMap } from './use-usual.ts';

/** Boxes of a column. */
const MOST_ROWS = 12;

/** A service in the middle of its callers and its callees, which stand in pages. */
export function Neighbours({ name, ...shown }: ShownMap & { name: string }) {
  const { map, measure } = shown;
  const rows = Math.max(1, Math.min(MOST_ROWS, Math.floor(heightOfDrawing() / ROW)));
  const [pages, setPages] = useState({ of: name, callers: 0, callees: 0 });
  const { callers, callees } = pages.of === name ? pages : { callers: 0, callees: 0 };
  const center = map.services.find((service) => service.name === name);
  const around = useMemo(() => {
    const found = center && aroundOf(map, center, { rows, callers, callees, measure });
    return found && { ...found, plan: planAround(found) };
  }, [map, center, callers, callees, measure, rows]);
  if (around === undefined) return <p role="status">{name} sent and received no call in this time.</p>;
  const pagerOf = ({ side, all, first, shown: { length } }: MapColumn) => {
    if (all === 0) return <span class="muted">no {side}</span>;
    if (all === length) return <span>{counted(all, side.slice(0, -1))}</span>;
    const onFirst = (at: number) => setPages({ of: name, callers, callees, [side]: at });
    return (
      <Pager list={side} items={side} first={first} shown={length} all={all} page={rows} onFirst={onFirst} />
    );
  };
  return (
    <>
      <div class="map-shown line">
        {pagerOf(around.callers)}
        {pagerOf(around.callees)}
      </div>
      <PlanPicture {...shown} plan={around.plan} selected={name} />
    </>
  );
}
