import type { TraceModel } from '../../../traces/model/trace-model.ts';
import type { TraceState } from './trace-state.ts';
import type { Folding } from './visible-rows.ts';
import { isFolded } from './visible-rows.ts';

/** The part of a trace's state that says what is folded. */
export type FoldState = Pick<TraceState, 'folded' | 'opened' | 'depth' | 'root'>;

/** Folds that a URL can hold; beyond that the oldest ones are dropped. */
const MAX_FOLDS = 200;

/** What is folded, as places of the model. */
export function foldingOf(model: TraceModel, state: FoldState): Folding {
  const places = (refs: readonly string[]) =>
    new Set(refs.map((ref) => model.placeOf(ref)).filter((place) => place >= 0));
  const root = state.root === undefined ? -1 : model.placeOf(state.root);
  return {
    folded: places(state.folded),
    opened: places(state.opened),
    depth: state.depth,
    ...(root >= 0 && { root }),
  };
}

/** Folds an open span, opens a folded one. */
export function toggleFold(model: TraceModel, state: FoldState, place: number): Partial<FoldState> {
  const ref = model.ref(place);
  const without = (refs: readonly string[]) => refs.filter((each) => each !== ref);
  const and = (refs: readonly string[]) => [...without(refs), ref].slice(-MAX_FOLDS);
  const byDepth = { ...foldingOf(model, state), folded: new Set<number>(), opened: new Set<number>() };
  const folds = isFolded(model, byDepth, place);
  return isFolded(model, foldingOf(model, state), place)
    ? { folded: without(state.folded), opened: folds ? and(state.opened) : without(state.opened) }
    : { opened: without(state.opened), folded: folds ? without(state.folded) : and(state.folded) };
}

/** Opens whatever hides a place, and leaves a subtree that it is not in. */
export function reveal(model: TraceModel, state: FoldState, place: number): Partial<FoldState> {
  const root = state.root === undefined ? -1 : model.placeOf(state.root);
  const within = root < 0 || (place >= root && place < (model.end[root] ?? 0));
  let shown: FoldState = within ? state : { ...state, root: undefined };
  for (let above = model.parent[place] ?? -1; above >= 0; above = model.parent[above] ?? -1) {
    if (isFolded(model, foldingOf(model, shown), above)) {
      shown = { ...shown, ...toggleFold(model, shown, above) };
    }
  }
  return { folded: shown.folded, opened: shown.opened, root: shown.root };
}
