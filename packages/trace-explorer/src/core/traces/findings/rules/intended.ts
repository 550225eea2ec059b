import { perModel } from '../../../../lib/get-or-make.ts';
import { takenInstead } from '../../model/duplicates.ts';
import type { TraceModel } from '../../model/trace-model.ts';
import type { Intended } from '../facts.ts';
import { factsOf } from '../facts.ts';
import { pollsOf } from '../polls.ts';

/** What of a trace looks like a fault and is meant so. Most traces have nothing of it: `mayIntend` says which ones may. */
export const intendedIn = perModel((model: TraceModel): Intended => {
  const { entry } = factsOf(model, new Set());
  return { ...pollsOf(model), takenInstead: new Set(takenInstead(model, entry)) };
});
