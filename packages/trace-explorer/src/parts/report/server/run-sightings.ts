import type { AskedRoute, SightedKind } from '../../../core/runs/accepted.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { getOrMake } from '../../../lib/get-or-make.ts';
import { readKinds } from '../../causes/server/known/read-kinds.ts';
import type { Kinds } from '../../causes/server/known/sighted.ts';
import { routeShape } from '../../causes/server/told/request-route.ts';
import type { ReportedCause } from './compare/change.ts';
import { routeKey } from './operations.ts';
import type { RunReading } from './read-run.ts';

/** What was seen of the causes of a run, by what a project's file of known problems compares. */
export interface RunSightings {
  /** One of each kind, of a cause by its key. */
  readonly ofKey: (key: string) => SightedKind[];
  /** Of causes that no request has in full, or that only attempts show which do not decide. */
  readonly weak: readonly SightedKind[];
}

/** Reads what was seen of the causes of a run. */
export async function readSightings(
  store: SpanStore,
  { tests, weak, undecided }: RunReading,
  options: ReadOptions,
): Promise<RunSightings> {
  const all = [...tests.values()].flatMap(({ causes, ownErrors }) => [...causes, ...ownErrors]);
  const byKey = new Map(
    [...Map.groupBy(all, ([key]) => key)].map(([key, seen]) => [
      key,
      merged(seen.map(([, { kinds }]) => kinds)),
    ]),
  );
  const kindsOf = await readKinds(store, [...byKey.values(), ...weak], options);
  const untold = [...weak, ...[...undecided].flatMap((key) => byKey.get(key) ?? [])];
  return { ofKey: (key) => kindsOf(byKey.get(key) ?? new Map()), weak: untold.flatMap(kindsOf) };
}

/** The kinds of several tests: of each the one that is no weak one. */
function merged(all: readonly Kinds[]): Kinds {
  const kinds: Kinds = new Map();
  for (const [id, seen] of all.flatMap((each) => [...each]))
    if (kinds.get(id)?.isWeak !== false) kinds.set(id, seen);
  return kinds;
}

/** Causes of a run by their keys, with what was seen of them. */
export function withSightings(
  causes: ReadonlyMap<string, ReportedCause>,
  { ofKey }: RunSightings,
): Map<string, ReportedCause> {
  return new Map([...causes].map(([key, cause]) => [key, { ...cause, sightings: ofKey(key) }]));
}

/** How often a run asked for each route, as sightings name routes. */
export function askedOf({ tests }: RunReading): AskedRoute[] {
  const counts = new Map<string, { service: string; route: string; requests: number }>();
  for (const { routes } of tests.values())
    for (const { service, route, requests } of routes.values()) {
      if (route === '') continue;
      const shape = routeShape(route);
      getOrMake(counts, routeKey(service, shape), () => ({ service, route: shape, requests: 0 })).requests +=
        requests;
    }
  return [...counts.values()];
}
