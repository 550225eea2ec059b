import type { TraceModel } from '../traces/model/trace-model.ts';

/** Where an error of a trace began. */
export interface Origin {
  readonly index: number;
  /** Whether the sender names the fault. */
  readonly says: boolean;
}

/**
 * The errors of a trace where they began: failed spans with a message, without spans that pass a failure on. An error below
 * these has a message too, and every span between both failed. Where no span of a chain of failures has a message, its deepest
 * one counts if the trace's first request failed. The SQL of `read-errors.ts` says the same.
 */
export function originsOf(model: TraceModel): readonly Origin[] {
  const { count, parent, error } = model;
  /** Whether an unbroken chain of failures leads down to a message, or up to one, or down to any failure. */
  const [saidBelow, saidAbove, failsBelow] = [new Set<number>(), new Set<number>(), new Set<number>()];
  const says = (index: number) => causeMessage(model, index) !== '';
  for (const index of model.errors.toReversed()) {
    const up = parent[index] ?? -1;
    if (error[up] !== 1) continue;
    failsBelow.add(up);
    if (saidBelow.has(index) || says(index)) saidBelow.add(up);
  }
  for (const index of model.errors) {
    const up = parent[index] ?? -1;
    if (error[up] === 1 && (saidAbove.has(up) || says(up))) saidAbove.add(index);
  }
  const failed = count > 0 && error[0] === 1;
  return model.errors.flatMap((index) => {
    if (saidBelow.has(index)) return [];
    if (says(index)) return { index, says: true };
    return failed && !saidAbove.has(index) && !failsBelow.has(index) ? { index, says: false } : [];
  });
}

/** The exception's message, else the status's; empty without one. */
export function causeMessage(model: TraceModel, index: number): string {
  const [exception, type] = [model.exception(index), model.exceptionType(index)];
  return (exception !== type && exception) || model.statusMessage(index) || '';
}
