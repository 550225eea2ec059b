import { isRequest } from '../../../../core/traces/findings/facts.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { getOrMake } from '../../../../lib/get-or-make.ts';
import type { Unit } from '../../units.ts';
import { unitOf } from '../../units.ts';

const known = new WeakMap<TraceModel, Int32Array>();

/** What each span is a part of: the request or message that is the span itself or the nearest one above; without one, the root. */
export function wholesOf(model: TraceModel): Int32Array {
  return getOrMake(known, model, () => {
    const wholes = new Int32Array(model.count);
    for (let index = 0; index < model.count; index++) {
      const up = model.parent[index] ?? -1;
      wholes[index] = up < 0 || isRequest(model, index) ? index : (wholes[up] ?? index);
    }
    return wholes;
  });
}

/** The units of a trace that some of its spans are a part of, by their spans. */
export function unitsOf(model: TraceModel, indexes: Iterable<number>): ReadonlyMap<number, Unit> {
  const wholes = wholesOf(model);
  const units = new Map<number, Unit>();
  for (const index of indexes) {
    const whole = wholes[index] ?? 0;
    units.set(whole, unitOf(model.kind(whole)));
  }
  return units;
}

/** The unit of each request, message and job of a trace. */
export function* unitsIn(model: TraceModel): Generator<Unit> {
  for (const [index, whole] of wholesOf(model).entries())
    if (whole === index) yield unitOf(model.kind(index));
}
