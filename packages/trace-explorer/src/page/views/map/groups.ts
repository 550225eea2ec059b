import type { MapCall, MapService, ServiceMap } from '../../../map/service-map.ts';
import { getOrMake } from '../../../shared/get-or-make.ts';

/** Services or databases that are drawn as one box. */
export interface MapGroup {
  readonly type: 'group';
  /** As the URL names it: `namespace:shop`, `name:order`, `database:redis`. No service has this name. */
  readonly name: string;
  /** For people: `order`. */
  readonly title: string;
  readonly members: readonly MapService[];
  readonly count: number;
  readonly errors: number;
  readonly error_share: number;
  /** Of its slowest member: percentiles cannot be added up. */
  readonly p99_ms: number;
}

/** The group of all that are in no other, where there are too many boxes. */
const OTHERS = 'others';

/**
 * What a map of many services shows first: groups by the namespace that services say they are in (`service.namespace`),
 * else by the first word of their names; databases by their system. One that is alone in its group stays a box of its own,
 * and of more than `limit` boxes the ones with least requests become a group, too.
 * @param unfolded names of groups whose members are boxes of their own
 */
export function groupServices(
  services: readonly MapService[],
  unfolded: ReadonlySet<string>,
  limit: number,
): readonly (MapService | MapGroup)[] {
  const found = new Map<string, MapService[]>();
  for (const service of services) getOrMake(found, groupOf(service), () => []).push(service);
  const all = [...found].map(([name, members]) => {
    const [only] = members;
    return members.length === 1 && only !== undefined ? only : groupFrom(name, members);
  });
  const sorted = all.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const kept = new Set(sorted.length > limit ? sorted.slice(0, limit - 1) : sorted);
  const others = all.filter((box) => !kept.has(box)).flatMap(membersOf);
  const boxes = all.filter((box) => kept.has(box));
  if (others.length > 0) boxes.push(groupFrom(OTHERS, others));
  // A single group says nothing.
  const shown = new Set(boxes.length === 1 ? [...unfolded, ...boxes.map(({ name }) => name)] : unfolded);
  return boxes.flatMap((box) => unfold(box, shown, limit));
}

/** The members of an unfolded box; of a very large one those with most requests, and the rest as a group again. */
function unfold(
  box: MapService | MapGroup,
  unfolded: ReadonlySet<string>,
  limit: number,
): readonly (MapService | MapGroup)[] {
  if (box.type !== 'group' || !unfolded.has(box.name)) return [box];
  if (box.members.length <= limit) return box.members;
  const sorted = box.members.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const rest = groupFrom(`${box.name} +`, sorted.slice(limit - 1));
  return [...sorted.slice(0, limit - 1), ...unfold(rest, unfolded, limit)];
}

/** The name of a group for people: without what its members are grouped by. */
export function titleOf(group: string): string {
  return group.slice(group.indexOf(':') + 1);
}

/** The services of a box. */
function membersOf(box: MapService | MapGroup): readonly MapService[] {
  return box.type === 'group' ? box.members : [box];
}

/** Calls between boxes: those of all members together, without those within a box. */
export function callsBetween(
  boxes: readonly (MapService | MapGroup)[],
  { calls }: Pick<ServiceMap, 'calls'>,
): readonly MapCall[] {
  const boxOf = new Map(boxes.flatMap((box) => membersOf(box).map(({ name }) => [name, box.name] as const)));
  const sums = new Map<string, MapCall>();
  for (const call of calls) {
    const [from, to] = [boxOf.get(call.from), boxOf.get(call.to)];
    if (from === undefined || to === undefined) continue;
    // A service may call itself; calls within a group are its own affair.
    if (from === to && from !== call.from) continue;
    const key = JSON.stringify([from, to]);
    const before = sums.get(key);
    sums.set(key, before === undefined ? { ...call, from, to } : added(before, call));
  }
  return [...sums.values()];
}

function added(a: MapCall, b: MapCall): MapCall {
  const count = a.count + b.count;
  const errors = a.errors + b.errors;
  return {
    ...a,
    count,
    errors,
    rate_per_second: a.rate_per_second + b.rate_per_second,
    error_share: count === 0 ? 0 : errors / count,
    p50_ms: Math.max(a.p50_ms, b.p50_ms),
    p99_ms: Math.max(a.p99_ms, b.p99_ms),
  };
}

function groupOf({ name, type, namespace }: MapService): string {
  if (type === 'database') return `database:${firstWord(name)}`;
  return namespace === undefined ? `name:${firstWord(name)}` : `namespace:${namespace}`;
}

/** The whole name where it is one word. */
function firstWord(name: string): string {
  return /^[^\s\-_./:]+(?=[\s\-_./:])/u.exec(name)?.[0] ?? name;
}

function groupFrom(name: string, members: readonly MapService[]): MapGroup {
  const sum = (of: 'count' | 'errors') => members.reduce((all, member) => all + member[of], 0);
  const [count, errors] = [sum('count'), sum('errors')];
  return {
    type: 'group',
    name,
    title: titleOf(name),
    members,
    count,
    errors,
    error_share: count === 0 ? 0 : errors / count,
    p99_ms: Math.max(...members.map(({ p99_ms }) => p99_ms)),
  };
}
