import { useMemo, useState } from 'preact/hooks';
import type { Range } from '../../../core/places/range.ts';
import { counted } from '../../../core/shared/words.ts';
import { Pager } from '../../../page/components/pager.tsx';
import type { ServiceMap } from '../server/schemas.ts';
import type { MapColumn, Pages } from './layout/around.ts';
import { aroundOf } from './layout/around.ts';
import { AroundPicture } from './picture.tsx';
import type { RankedBy } from './ranked.ts';
import type { IsHigh } from './use-usual.ts';

/** A service in the middle of its callers and its callees, which stand in pages. */
export function Neighbours({
  map,
  name,
  range,
  measure,
  isHigh,
  rows,
}: {
  map: ServiceMap;
  name: string;
  range: Range;
  measure: RankedBy;
  isHigh: IsHigh;
  /** Boxes of a column. */
  rows: number;
}) {
  const [pages, setPages] = useState({ of: name, callers: 0, callees: 0 });
  const { callers, callees } = pages.of === name ? pages : { callers: 0, callees: 0 };
  const center = map.services.find((service) => service.name === name);
  const around = useMemo(
    () => center && aroundOf(map, center, { rows, callers, callees, measure }),
    [map, center, callers, callees, measure, rows],
  );
  if (around === undefined) return <p role="status">{name} sent and received no call in this time.</p>;
  const show = (changes: Partial<Pages>) => setPages({ of: name, callers, callees, ...changes });
  return (
    <>
      <div class="map-shown line">
        <ColumnPages column={around.callers} rows={rows} onShow={show} />
        <ColumnPages column={around.callees} rows={rows} onShow={show} />
      </div>
      <AroundPicture map={map} around={around} range={range} measure={measure} isHigh={isHigh} />
    </>
  );
}

function ColumnPages({
  column: { side, all, first, shown },
  rows,
  onShow,
}: {
  column: MapColumn;
  rows: number;
  onShow: (changes: Partial<Pages>) => void;
}) {
  if (all === 0) return <span class="muted">no {side}</span>;
  if (all === shown.length) return <span>{counted(all, side.slice(0, -1))}</span>;
  return (
    <Pager
      list={side}
      items={side}
      first={first}
      shown={shown.length}
      all={all}
      page={rows}
      onFirst={(at) => onShow({ [side]: at })}
    />
  );
}
