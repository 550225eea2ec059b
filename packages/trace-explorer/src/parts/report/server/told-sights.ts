import { saysNothing } from '../../../core/traces/findings/words.ts';
import { alikeParts, messageParts, partsText } from '../../../core/traces/model/shapes.ts';
import { mostOften } from '../../../lib/text/words.ts';
import { isPlain, saidOf } from '../../causes/said.ts';
import { victimsText } from '../../causes/server/told/rests.ts';
import { errorWords } from '../../causes/server/words.ts';
import type { UnitCount } from '../../causes/units.ts';
import { countUnits } from '../../causes/units.ts';
import type { Sight } from './cause-sights.ts';
import type { CodePlace } from './code-place.ts';
import { codePlace } from './code-place.ts';

/** The sight of a cause that is told: in full, with a finding, of the process itself, of the one to blame, and the one that cost most. */
export function worstOf(sights: readonly Sight[]): Sight | undefined {
  return sights.toSorted(
    ({ cause: a, isSmall, victim }, { cause: b, isSmall: isOther, victim: otherVictim }) =>
      Number(isSmall) - Number(isOther) ||
      Number(b.finding !== undefined) - Number(a.finding !== undefined) ||
      Number(a.outside === true) - Number(b.outside === true) ||
      Number(victim !== undefined) - Number(otherVictim !== undefined) ||
      b.lost_ms - a.lost_ms,
  )[0];
}

/**
 * The sentence of a cause over all of its sights.
 * @param route of the request, where the server gives its requests no names
 * @param isAlone the reader knows the service
 */
export function toldSights(
  { cause, victim }: Pick<Sight, 'cause' | 'victim'>,
  sights: readonly Pick<Sight, 'message' | 'cause' | 'victim'>[],
  route: string,
  isAlone = false,
): string {
  if (!isPlain(cause)) return `${saidOf(cause, isAlone)}${victim === undefined ? victimsIn(sights) : ''}`;
  const [first = [''], ...others] = sights.map(({ message }) => messageParts(message));
  const { type = '', target = '', message = '' } = cause;
  const name = cause.kind === 'server' && route !== '' && saysNothing(cause.name) ? route : cause.name;
  const agreed = partsText(others.reduce(alikeParts, first)) || message;
  const told = errorWords({ ...cause, type, target, message }, { name, message: agreed });
  return saidOf({ ...cause, ...told }, isAlone);
}

function victimsIn(sights: readonly Pick<Sight, 'cause' | 'victim'>[]): string {
  const victims = new Map<string, number>();
  for (const { victim, cause } of sights)
    if (victim !== undefined) victims.set(victim, cause.traces + (victims.get(victim) ?? 0));
  return victimsText(victims);
}

/** How many requests, messages or jobs show a cause, by their rates. */
export function countSights(sights: readonly Sight[]): UnitCount {
  return countUnits(sights.map(({ unit, cause }) => ({ unit, weight: cause.traces })));
}

/** The place in code of the sight that is told, else the one that most spans of a cause name; without one, the cause's line. */
export function codePlaceOf({ cause, places }: Sight, sights: readonly Sight[]): CodePlace | undefined {
  const told = places.find(({ file, line }) =>
    cause.line?.startsWith(line === undefined ? file : `${file}:${line}`),
  );
  if (told !== undefined) return told;
  const most = mostOften(sights.flatMap(({ places }) => places.map((place) => JSON.stringify(place))));
  if (most !== undefined) return JSON.parse(most);
  const line = mostOften(sights.flatMap(({ cause }) => cause.line ?? []));
  return line === undefined ? undefined : codePlace(line, undefined);
}
