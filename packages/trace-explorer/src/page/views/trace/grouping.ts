import type { SpanGroup, SpanGroups } from '../../../traces/model/span-groups.ts';
import type { TraceModel } from '../../../traces/model/trace-model.ts';
import type { TraceState } from './trace-state.ts';

/** Groups that a URL can hold as opened; beyond that the oldest ones close. */
const MAX_APART = 200;

/** Which groups of equal neighbours are one row now. */
export type Grouping = (place: number) => SpanGroup | undefined;

/**
 * The group that is one row at a place. Shown one by one are the groups that a person opened, and those in which there is
 * something to see: the selected span, or what was searched for.
 */
export function groupingOf(
  groups: SpanGroups,
  model: TraceModel,
  state: Pick<TraceState, 'apart' | 'each' | 'span' | 'root' | 'criticalPath'>,
  found: readonly number[] = [],
): Grouping | undefined {
  // A group has no time on the critical path, and none in the other trace.
  if (state.each || state.criticalPath || model.comparison !== undefined || groups.size === 0)
    return undefined;
  const apart = new Set<number>();
  // Of a group only this one span is shown where it is looked at by itself.
  for (const ref of [...state.apart, ...(state.root === undefined ? [] : [state.root])]) {
    const group = groups.of(model.placeOf(ref));
    if (group !== undefined) apart.add(group.first);
  }
  const selected = state.span === undefined ? -1 : model.placeOf(state.span);
  for (const place of [...found, selected]) {
    const group = groups.of(place);
    // The first one selected is the group selected, unless it was searched for.
    if (group !== undefined && (place !== group.first || place !== selected)) apart.add(group.first);
  }
  return (place) => (apart.has(place) ? undefined : groups.at(place));
}

/** Shows the spans of a group one by one, or as one again. */
export function toggleGroup(
  model: TraceModel,
  state: Pick<TraceState, 'apart'>,
  group: SpanGroup,
): Pick<TraceState, 'apart'> {
  const others = state.apart.filter((ref) => {
    const place = model.placeOf(ref);
    return place < group.first || place >= group.end;
  });
  if (others.length < state.apart.length) return { apart: others };
  return { apart: [...others, model.ref(group.first)].slice(-MAX_APART) };
}
