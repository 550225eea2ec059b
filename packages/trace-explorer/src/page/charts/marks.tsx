import type { Place } from '../../core/places/place.ts';
import type { Deploy } from '../../core/range/schemas.ts';
import { visibleName } from '../../core/shared/harmless-text.ts';
import { Link } from '../components/link.tsx';
import type { PlotLayout } from './plot-layout.ts';
import { formatTick } from './ticks.ts';

/** Pixels that a character of a version takes at most, and the space before and after a version. */
const CHARACTER = 8;
const SPACE = 8;

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

/** Lines at moments of a chart: at the one under the pointer, and at each deploy, with its version where there is room. */
export function Marks({ at, deploys, placeOf, start, end, layout }: MarksProps) {
  const { left, top, gridWidth, gridHeight } = layout;
  const leftOf = (since: number) => left + (gridWidth * (since - start)) / (end - start);
  const shown = deploys
    .map((deploy) => ({ ...deploy, since: Date.parse(deploy.time) / 1000 }))
    .filter(({ since }) => since >= start && since <= end)
    .toSorted((a, b) => a.since - b.since);
  const links = shown.map((deploy, i) => {
    const { since } = deploy;
    const name = visibleName(deploy.version);
    const hasRoom =
      leftOf(shown[i + 1]?.since ?? Infinity) - leftOf(since) >= name.length * CHARACTER + SPACE;
    const text = `${deploy.service} ${deploy.version} since ${formatTick(since, 1)}: before and after`;
    const style = { left: `${leftOf(since)}px`, '--plot': `${top + gridHeight}px` };
    const key = `${deploy.service} ${deploy.version}`;
    return placeOf === undefined ? (
      <span key={key} class="deploy placed label" style={style} title={text} />
    ) : (
      <Link key={key} class="deploy placed label" style={style} to={placeOf(deploy)} title={text}>
        {hasRoom && <span aria-hidden="true">{name}</span>}
        <span class="visually-hidden">{text}</span>
      </Link>
    );
  });
  const isWithin = at !== undefined && at >= start && at <= end;
  return (
    <>
      {isWithin && <div class="crosshair placed passive" style={{ left: `${leftOf(at)}px` }} />}
      {layout.width > 0 && links}
    </>
  );
}
