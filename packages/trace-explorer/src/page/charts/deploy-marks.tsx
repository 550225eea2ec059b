import type { Place } from '../../core/places/place.ts';
import type { Deploy } from '../../core/range/schemas.ts';
import { Link } from '../components/link.tsx';
import { Popover } from '../components/overlays/popover.tsx';
import type { PlacedDeploy } from './deploy-targets.ts';
import { deployTargets, shownVersion } from './deploy-targets.ts';
import type { ShownDeploys } from './marks.tsx';
import type { PlotLayout } from './plot-layout.ts';
import { formatTick } from './ticks.ts';

interface DeployMarksProps extends ShownDeploys {
  /** From left to right. */
  readonly deploys: readonly PlacedDeploy[];
  readonly layout: PlotLayout;
}

/** A line at each deploy of a chart, with its version. Deploys beside each other are one list. */
export default function DeployMarks({ deploys, placeOf, layout }: DeployMarksProps) {
  const { width, top, gridHeight } = layout;
  return (
    <>
      {deploys.map((deploy) => (
        <span
          key={deployKey(deploy)}
          class="deploy-tick placed passive"
          style={{ left: `${deploy.left}px`, height: `${top + gridHeight}px` }}
        />
      ))}
      {placeOf === undefined
        ? deploys.map((deploy) => (
            <span
              key={deployKey(deploy)}
              class="deploy placed"
              style={{ left: `${deploy.left}px` }}
              title={textOf(deploy)}
            />
          ))
        : deployTargets(deploys, width).map(({ left, deploys: [first, ...others] }) =>
            others.length > 0 && first !== undefined ? (
              <DeployList key={deployKey(first)} left={left} deploys={[first, ...others]} placeOf={placeOf} />
            ) : (
              first && <DeployLink key={deployKey(first)} left={left} deploy={first} to={placeOf(first)} />
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
            <Link key={deployKey(deploy)} to={placeOf(deploy)}>
              {textOf(deploy)}
            </Link>
          ))
        }
      </Popover>
    </div>
  );
}

function deployKey({ service, version }: Deploy): string {
  return `${service} ${version}`;
}

function textOf({ service, version, time }: Deploy): string {
  return `${service} ${version} since ${formatTick(Date.parse(time) / 1000, 1)}: before and after`;
}
