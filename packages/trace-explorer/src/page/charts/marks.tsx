import type { Place } from '../../core/places/place.ts';
import type { Deploy } from '../../core/range/schemas.ts';
import { lazy } from '../components/states/lazy.tsx';
import type { PlotLayout } from './plot-layout.ts';

// Most charts have none.
const DeployMarks = lazy(() => import('./deploy-marks.tsx'));

/** Deploys that a chart marks, and where each leads to; undefined where another chart has the links. */
export interface ShownDeploys {
  readonly deploys: readonly Deploy[];
  readonly placeOf?: ((deploy: Deploy) => Place) | undefined;
}

interface MarksProps extends ShownDeploys {
  /** The moment under the pointer in any of the charts; undefined without one. */
  readonly at: number | undefined;
  /** Seconds since the epoch at both ends of the plot. */
  readonly start: number;
  readonly end: number;
  readonly layout: PlotLayout;
}

/** Lines at moments of a chart: at the one under the pointer, and at each deploy. */
export function Marks({ at, deploys, placeOf, start, end, layout }: MarksProps) {
  const { left, gridWidth } = layout;
  const leftOf = (since: number) => left + (gridWidth * (since - start)) / (end - start);
  const shown = (layout.width > 0 ? deploys : [])
    .map((deploy) => ({ ...deploy, since: Date.parse(deploy.time) / 1000 }))
    .filter(({ since }) => since >= start && since <= end)
    .toSorted((a, b) => a.since - b.since)
    .map((deploy) => ({ ...deploy, left: leftOf(deploy.since) }));
  const isWithin = at !== undefined && at >= start && at <= end;
  return (
    <>
      {isWithin && <div class="crosshair placed passive" style={{ left: `${leftOf(at)}px` }} />}
      {shown.length > 0 && (
        <div class="deploys">
          <DeployMarks deploys={shown} placeOf={placeOf} layout={layout} />
        </div>
      )}
    </>
  );
}
