import type { Sighting } from '../../../../core/problems/schemas.ts';
import type { RunReading } from '../read-run.ts';
import { byChance } from './by-chance.ts';
import { byTest } from './by-test.ts';
import type { Change, RouteFigures } from './change.ts';

export interface CompareOptions {
  /** Whether both runs had as much of the machine, so that their times can be compared. */
  readonly comparesTimes?: boolean;
  /** Whether each run has some traces of many: nothing is new or gone then. */
  readonly areSamples?: boolean;
  /** What was seen of the head's problems with some keys, if a project's file is compared with it. */
  readonly sightingsOf?: ((keys: readonly string[]) => Sighting[]) | undefined;
}

/** What differs between two runs, and what was compared for it. */
export interface Compared {
  readonly changes: Change[];
  /** The tests that asked for the same routes in both runs. */
  readonly tests: number;
  readonly routes: RouteFigures[];
  /** The keys of the causes that the base did not show. */
  readonly newCauses: ReadonlySet<string>;
}

/** Compares two runs by their tests, and by chance over all requests of their routes: each as far as it was read. */
export function compareReadings(base: RunReading, head: RunReading, options: CompareOptions = {}): Compared {
  const [ofTests, ofRoutes] = [byTest(base, head, options), byChance(base, head, options)];
  return { ...ofTests, routes: ofRoutes.routes, changes: [...ofTests.changes, ...ofRoutes.changes] };
}
