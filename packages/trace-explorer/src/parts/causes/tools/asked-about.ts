import type { momentsOf } from '../../../core/runs/run-words.ts';
import type { ToolContext } from '../../../core/tools/tool.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { listed, quoted } from '../../../lib/text/words.ts';

/** Seconds that a question is about when it says no time. */
const USUAL_S = 3600;
/** Names that an error lists. */
const MOST_NAMES = 20;

/** A range that the API takes. */
export type ToldRange = ReturnType<typeof momentsOf> | { readonly time_range: number };

/** The range of a question. @throws Error that names the argument */
export function rangeSince(since?: string, until?: string): ToldRange {
  const end_time = until === undefined ? undefined : secondsOf('until', until);
  if (since === undefined && end_time === undefined) return { time_range: USUAL_S };
  const last = end_time ?? Date.now() / 1000;
  const first = since === undefined ? last - USUAL_S : secondsOf('since', since);
  if (first >= last) throw new Error('since: must be before until, or before now');
  return { start_time: first, end_time: last };
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

function secondsOf(name: string, given: string): number {
  const [, count, unit = ''] = /^(\d{1,7})(s|m|min|h|d)$/.exec(given) ?? [];
  const before = Number(count) * (UNITS[unit] ?? 0);
  const isDigits = /^\d{1,10}(?:\.\d+)?$/.test(given);
  const told = isDigits ? Number(given) : Date.parse(given) / 1000;
  const seconds = count === undefined ? told : Date.now() / 1000 - before;
  if (seconds >= 0 && seconds < 9e9) return seconds;
  throw new Error(
    `${name}: must be a time such as 2026-01-31T08:00:00Z, how long ago, such as 10m or 2h, or seconds since the epoch`,
  );
}

/** What a question is about: a service, or one of its routes. */
export interface Asked {
  readonly service?: string | undefined;
  readonly route?: string | undefined;
}

/**
 * Checks that a question which found nothing asked for what is there: else its answer would be that nothing is wrong.
 * @throws Error that names the argument, and what there is
 */
export async function checkNames({ service, route }: Asked, range: ToldRange, ask: ToolContext['ask']) {
  if (service === undefined && route === undefined) return;
  const { routes, more_routes } = await ask<{
    readonly routes: readonly { readonly service: string; readonly name: string }[];
    readonly more_routes: number;
  }>(`/api/overview?${searchOf(range)}`);
  if (more_routes > 0) return;
  const own = routes.filter((each) => service === undefined || each.service === service);
  if (own.length === 0)
    throw unknownName(
      'service',
      service ?? '',
      routes.map((each) => each.service),
    );
  if (route !== undefined && !own.some(({ name }) => name === route))
    throw unknownName(
      'route',
      route,
      own.map(({ name }) => name),
    );
}

function unknownName(argument: string, given: string, known: readonly string[]): Error {
  const names = [...new Set(known)].slice(0, MOST_NAMES).map((name) => quoted(name));
  const there = names.length === 0 ? 'there is none in this time' : `there are ${listed(names)}`;
  return new Error(`${argument}: nothing is called ${quoted(given)}; ${there}`);
}
