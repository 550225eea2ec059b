import type { Place } from '../../core/places/place.ts';
import type { Deploy } from '../../core/range/schemas.ts';
import { Link } from '../components/link.tsx';
import { Popover } from '../components/overlays/popover.tsx';
import { deployTargets, shownVersion } from './deploy-targets.ts';
import type { PlotLayout } from './plot-layout.ts';
import { formatTick } from './ticks.ts';

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

/**
 * Lines at moments of a chart: at the one under the pointer, and at each deploy, with its version. Deploys beside each other are
 * one list.
 */
export function Marks({ at, deploys, placeOf, start, end, layout }: MarksProps) {
  const { left, top, gridWidth, gridHeight } = layout;
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
      {shown.map((deploy) => (
        <span
          key={keyOf(deploy)}
          class="deploy-tick placed passive"
          style={{ left: `${deploy.left}px`, height: `${top + gridHeight}px` }}
        />
      ))}
      {placeOf === undefined
        ? shown.map((deploy) => (
            <span
              key={keyOf(deploy)}
              class="deploy placed"
              style={{ left: `${deploy.left}px` }}
              title={textOf(deploy)}
            />
          ))
        : deployTargets(shown, layout.width).map(({ left, deploys: [first, ...others] }) =>
            others.length > 0 && first !== undefined ? (
              <DeployList key={keyOf(first)} left={left} deploys={[first, ...others]} placeOf={placeOf} />
            ) : (
              first && <DeployLink key={keyOf(first)} left={left} deploy={first} to={placeOf(first)} />
            ),
          )}
    </>
  );
}

function DeployLink({ deploy, left, to }: { deploy: Deploy; left: number; to: Place }) {
  return (
    <Link class="deploy placed label" style={{ left: `${left}px` }} to={to} title={textOf(deploy)}>
      <span aria-hidden="true">{shownVersion(deploy)}</span>
      <span class="visually-hidden">{textOf(deploy)}</span>
    </Link>
  );
}

interface DeployListProps {
  readonly left: number;
  readonly deploys: readonly Deploy[];
  readonly placeOf: (deploy: Deploy) => Place;
}

/** The number of some deploys, which opens their list. */
function DeployList({ left, deploys, placeOf }: DeployListProps) {
  const label = (
    <>
      {deploys.length}
      <span class="visually-hidden"> deploys</span>
    </>
  );
  return (
    <div class="deploy placed label" style={{ left: `${left}px` }}>
      <Popover hasMark label={label} button="bare label" title={`${deploys.length} deploys`}>
        {() =>
          deploys.map((deploy) => (
            <Link key={keyOf(deploy)} to={placeOf(deploy)}>
              {textOf(deploy)}
            </Link>
          ))
        }
      </Popover>
    </div>
  );
}

function keyOf({ service, version }: Deploy): string {
  return `${service} ${version}`;
}

function textOf({ service, version, time }: Deploy): string {
  return `${service} ${version} since ${formatTick(Date.parse(time) / 1000, 1)}: before and after`;
}
