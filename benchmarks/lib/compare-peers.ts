import { parseArgs } from 'node:util';
import type { Figures, Plan } from './in-turn/measure-in-turn.ts';
import type { Startable } from './in-turn/side-by-side.ts';
import { measureSideBySide } from './in-turn/side-by-side.ts';
import { installFolder } from './install-folder.ts';
import { installTelemetry } from './install-telemetry.ts';
import type { Measurements, Row } from './measurements.ts';
import { recordMeasurements } from './measurements.ts';
import { positive } from './options.ts';

/** The figures of each start, by variant. A start has the bases, and some of the other variants. */
export type Runs = readonly ReadonlyMap<string, Figures>[];

/** A benchmark that compares our way of doing something with the ways of others. */
export interface Comparison {
  /** Its name for `node tandem bench`. */
  readonly name: string;
  /** Its folder, whose package.json names the peers. The built telemetry is installed beside the peers. */
  readonly folder: string;
  readonly plan: Plan;
  /** How often all processes are started anew, unless `--restarts` says otherwise. */
  readonly restarts: number;
  readonly variants: readonly Startable[];
  /** Variants that `--only` chooses from, if these are more. */
  readonly choices?: readonly Startable[];
  /** Variants that the others are compared with: `--only` keeps them. */
  readonly bases: readonly string[];
  /** Distinct requests. */
  readonly pathOf: (index: number) => string;
  readonly tableOf: (runs: Runs) => readonly Row[];
  /** The targets, each with the measured value. */
  readonly ratiosOf: (runs: Runs) => readonly Row[];
  /** The rest of its result. */
  readonly section: (plan: Plan, restarts: number) => Pick<Measurements, 'title' | 'notes' | 'versions'>;
}

/** More processes side by side would leave the caches of all colder. */
const SIDE_BY_SIDE = 5;

/** The options that a comparison takes. */
export const COMPARISON_USAGE = '[--restarts STARTS] [--rounds ROUNDS] [--only VARIANT,…]';

/**
 * Runs a comparison as its command line asks. With all variants, the figures are recorded.
 * @throws UsageError naming an option with a malformed number
 */
export async function comparePeers(comparison: Comparison): Promise<void> {
  const { name, bases, tableOf, ratiosOf } = comparison;
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      restarts: { type: 'string', default: String(comparison.restarts) },
      rounds: { type: 'string', default: String(comparison.plan.rounds) },
      only: { type: 'string' },
    },
  });
  const restarts = positive('--restarts', values.restarts);
  const plan = { ...comparison.plan, rounds: positive('--rounds', values.rounds) };
  const wanted = values.only?.split(',');
  const { variants: usual, choices = usual } = comparison;
  const isWanted = ({ name: each }: Startable) =>
    bases.includes(each) || wanted?.some((part) => each.includes(part)) === true;
  const variants = wanted === undefined ? usual : choices.filter(isWanted);

  console.log('Installing the peers …');
  installFolder(comparison.folder);
  await installTelemetry(comparison.folder);
  const runs: Map<string, Figures>[] = [];
  for (let restart = 1; restart <= restarts; restart++) {
    for (const group of groupsOf(variants, bases)) {
      const say = (progress: string) =>
        console.log(`${new Date().toISOString().slice(11, 19)} start ${restart} of ${restarts}: ${progress}`);
      // What starts first costs more than what starts last.
      const inTurn = restart % 2 === 0 ? group.toReversed() : group;
      runs.push(await measureSideBySide(inTurn, plan, comparison.pathOf, say));
      console.table(ratiosOf(runs));
    }
  }
  console.table(tableOf(runs));
  const ratios = ratiosOf(runs);
  console.table(ratios);
  if (wanted !== undefined) return;
  recordMeasurements({
    name,
    ...comparison.section(plan, restarts),
    command: `node tandem bench ${name} --restarts ${restarts} --rounds ${plan.rounds}`,
    tables: [tableOf(runs), ratios],
  });
}

/** The bases with some of the other variants each. */
function groupsOf(variants: readonly Startable[], bases: readonly string[]): Startable[][] {
  const always = variants.filter(({ name }) => bases.includes(name));
  const others = variants.filter(({ name }) => !bases.includes(name));
  const size = SIDE_BY_SIDE - always.length;
  const groups = Array.from({ length: Math.ceil(others.length / size) }, (_, index) => [
    ...always,
    ...others.slice(index * size, (index + 1) * size),
  ]);
  return groups.length === 0 ? [always] : groups;
}
