import type { Deploy } from '../../core/range/schemas.ts';
import { visibleName } from '../../lib/text/harmless-text.ts';

/** Characters of a version that are shown. */
const LONGEST = 14;
/** Pixels that a character takes at most, and the space around a version. */
const CHARACTER = 8;
const SPACE = 8;
/** Pixels of the smallest target for a finger, and of one that opens a list. */
const LEAST = 24;
const OF_LIST = 48;

/** A deploy in a chart, with its place in pixels. */
export interface PlacedDeploy extends Deploy {
  readonly left: number;
}

/** What a person presses for one deploy, which has its version, or for several, which open as a list. */
export interface DeployTarget {
  readonly left: number;
  readonly width: number;
  readonly deploys: readonly PlacedDeploy[];
}

/**
 * The targets of deploys in a chart of a width in pixels. Those that would lie over each other are one.
 * @param deploys from left to right
 */
export function deployTargets(deploys: readonly PlacedDeploy[], chartWidth: number): DeployTarget[] {
  const targets: DeployTarget[] = [];
  for (const deploy of deploys) {
    let next = targetOf([deploy], chartWidth);
    for (let last = targets.at(-1); last && last.left + last.width > next.left; last = targets.at(-1)) {
      targets.pop();
      next = targetOf([...last.deploys, ...next.deploys], chartWidth);
    }
    targets.push(next);
  }
  return targets;
}

/** The version as a chart shows it. */
export function shownVersion({ version }: Deploy): string {
  const name = visibleName(version);
  return name.length > LONGEST ? `${name.slice(0, LONGEST - 1)}…` : name;
}

/** Within the chart also where the first deploy is near its right end. */
function targetOf(deploys: readonly PlacedDeploy[], chartWidth: number): DeployTarget {
  const [first, ...others] = deploys;
  const ofVersion = first === undefined ? 0 : shownVersion(first).length * CHARACTER + SPACE;
  const width = others.length > 0 ? OF_LIST : Math.max(LEAST, ofVersion);
  return { left: Math.max(0, Math.min(first?.left ?? 0, chartWidth - width)), width, deploys };
}
