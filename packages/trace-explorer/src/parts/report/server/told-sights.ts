import { saysNothing } from '../../../core/traces/findings/words.ts';
import { alikeParts, messageParts, partsText } from '../../../core/traces/model/shapes.ts';
import { isPlain, saidOf } from '../../causes/said.ts';
import { errorWords } from '../../causes/server/words.ts';
import type { UnitCount } from '../../causes/units.ts';
import { countUnits } from '../../causes/units.ts';
import type { Sight } from './cause-sights.ts';

/** The sight of a cause that is told: in full, with a finding, of the process itself, and the one that cost most. */
export function worstOf(sights: readonly Sight[]): Sight | undefined {
  return sights.toSorted(
    ({ cause: a, isSmall }, { cause: b, isSmall: isOther }) =>
      Number(isSmall) - Number(isOther) ||
      Number(b.finding !== undefined) - Number(a.finding !== undefined) ||
      Number(a.outside === true) - Number(b.outside === true) ||
      b.lost_ms - a.lost_ms,
  )[0];
}

/**
 * The sentence of a cause over all of its sights.
 * @param route of the request, where the server gives its requests no names
 * @param isAlone the reader knows the service
 */
export function toldSights(
  { cause }: Pick<Sight, 'cause'>,
  sights: readonly Pick<Sight, 'message'>[],
  route: string,
  isAlone = false,
): string {
  if (!isPlain(cause)) return saidOf(cause, isAlone);
  const [first = [''], ...others] = sights.map(({ message }) => messageParts(message));
  const { type = '', target = '', message = '' } = cause;
  const name = cause.kind === 'server' && route !== '' && saysNothing(cause.name) ? route : cause.name;
  const agreed = partsText(others.reduce(alikeParts, first)) || message;
  const told = errorWords({ ...cause, type, target, message }, { name, message: agreed });
  return saidOf({ ...cause, ...told }, isAlone);
}

/** How many requests, messages or jobs show a cause, by their rates. */
export function countSights(sights: readonly Sight[]): UnitCount {
  return countUnits(sights.map(({ unit, cause }) => ({ unit, weight: cause.traces })));
}
