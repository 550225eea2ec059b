import { useMemo, useState } from 'preact/hooks';
import type { Range } from '../../../core/places/range.ts';
import { timedPath } from '../../../core/places/shown-range.ts';
import { counted } from '../../../core/shared/words.ts';
import { getJson } from '../../../page/api/api.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import { Pager } from '../../../page/components/pager.tsx';
import { Loaded } from '../../../page/components/states/loaded.tsx';
import type { ServiceMap } from '../server/schemas.ts';
import type { MapColumn, Pages } from './layout/around.ts';
import { aroundOf } from './layout/around.ts';
import { AroundPicture } from './picture.tsx';
import type { RankedBy } from './ranked.ts';
import type { IsHigh } from './use-usual.ts';
import { useIsHigh } from './use-usual.ts';

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
      <AroundPicture map={map} around={around} range={range} isHigh={isHigh} />
    </>
  );
}

/** Boxes of a column on a service's page. */
const ROWS = 6;

/** The neighbours of a service, read by themselves. */
export function ServiceNeighbours({ service, range }: { service: string; range: Range }) {
  const path = timedPath('/api/map', range);
  const load = useLoad(async (signal) => ({ range, map: await getJson<ServiceMap>(path, signal) }), [path]);
  return (
    <Loaded load={load} what="Reading callers and callees">
      {({ map, range: of }) => <Read map={map} range={of} service={service} />}
    </Loaded>
  );
}

function Read({ map, range, service }: { map: ServiceMap; range: Range; service: string }) {
  const isHigh = useIsHigh(range, map.services);
  return <Neighbours map={map} range={range} name={service} measure="time" isHigh={isHigh} rows={ROWS} />;
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
