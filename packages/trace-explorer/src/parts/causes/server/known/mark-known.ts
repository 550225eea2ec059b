import type { Accepted, AcceptedEntry, SightedKind } from '../../../../core/runs/accepted.ts';
import { acceptedText } from '../../said.ts';
import type { AcceptedBy } from '../schemas.ts';

/** What a project's file can say of a told cause. */
export interface Knowable {
  readonly sentence: string;
  readonly sightings?: readonly SightedKind[] | undefined;
  readonly known?: AcceptedBy | undefined;
  readonly expired?: AcceptedBy | undefined;
}

/**
 * A cause with what a project has accepted of it. Of a cause that is known in part, the kind of sighting that nobody has accepted
 * speaks.
 * @param withKind the cause as such a kind tells it
 * @param place of the run's folder in its repository; undefined where nobody knows
 */
export function markKnown<T extends Knowable>(
  cause: T,
  accepted: Accepted,
  place: string | undefined,
  withKind: (cause: T, kind: SightedKind) => T,
): T {
  const { known, unknown, isPart, expired } = accepted.judge(cause.sightings ?? [], place);
  if (known !== undefined) return { ...cause, known: acceptedBy(known, accepted) };
  const told = isPart && unknown !== undefined ? withKind(cause, unknown) : cause;
  if (expired === undefined) return told;
  const sentence = `${told.sentence}; ${acceptedText(expired)}`;
  return { ...told, sentence, expired: acceptedBy(expired, accepted) };
}

/** Who has accepted a problem, for an answer. */
export function acceptedBy(
  { by, why, since, until }: AcceptedEntry,
  { name }: Pick<Accepted, 'name'>,
): AcceptedBy {
  return { by, why, since, ...(until !== undefined && { until }), file: name };
}
