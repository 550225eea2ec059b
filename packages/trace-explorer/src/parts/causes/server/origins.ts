import type { TraceModel } from '../../../core/traces/model/trace-model.ts';

/** Where an error of a trace began. */
export interface Origin {
  readonly index: number;
  /** Whether the sender names the fault. */
  readonly says: boolean;
}

const REQUESTS: ReadonlySet<string> = new Set(['server', 'consumer']);
const CALLS: ReadonlySet<string> = new Set(['client', 'producer']);

/**
 * The errors of a trace where they began: failed spans with a message, without spans that pass a failure on. An error below
 * these has a message too, and every span between both failed. Where no span of a chain of failures has a message, its deepest
 * one counts if a request failed with it: one of the chain, or of the same service. So a 404 that a service expects, or passes
 * on, is no error of it, nor of an outermost caller, such as a test, to which a stored request answered it on purpose. The SQL of `read-places.ts` says the same.
 */
export function originsOf(model: TraceModel): readonly Origin[] {
  const { parent, error } = model;
  /** Whether an unbroken chain of failures leads down to a message, or up to one, or down to any failure. */
  const [saidBelow, saidAbove, failsBelow] = [new Set<number>(), new Set<number>(), new Set<number>()];
  /** Failed requests with the failures below them, and the services of failed requests. */
  const [asked, failing] = [new Set<number>(), new Set<string>()];
  const says = (index: number) => causeMessage(model, index) !== '';
  for (const index of model.errors.toReversed()) {
    const up = parent[index] ?? -1;
    if (error[up] !== 1) continue;
    failsBelow.add(up);
    if (saidBelow.has(index) || says(index)) saidBelow.add(up);
  }
  /** Calls that a request without a failure answers. */
  const answered = new Set<number>();
  for (let index = 0; model.errors.length > 0 && index < model.count; index++)
    if (error[index] !== 1 && model.kind(index) === 'server') answered.add(parent[index] ?? -1);
  const isRefusal = (index: number) =>
    answered.has(index) && CALLS.has(model.kind(index)) && model.statusCode(index)?.startsWith('4') === true;
  for (const index of model.errors) {
    const up = parent[index] ?? -1;
    if (error[up] === 1 && (saidAbove.has(up) || says(up))) saidAbove.add(index);
    const isRequest = REQUESTS.has(model.kind(index));
    if (isRequest || (up < 0 && !isRefusal(index)) || asked.has(up)) asked.add(index);
    // A test that fails is a root, too, and says why.
    const isWork = up < 0 && !CALLS.has(model.kind(index)) && !says(index);
    if (isRequest || isWork) failing.add(model.service(index));
  }
  return model.errors.flatMap((index) => {
    if (saidBelow.has(index)) return [];
    if (says(index)) return { index, says: true };
    const isAsked = asked.has(index) || failing.has(model.service(index));
    return isAsked && !saidAbove.has(index) && !failsBelow.has(index) ? { index, says: false } : [];
  });
}

/** The exception's message, else the status's; empty without one. */
export function causeMessage(model: TraceModel, index: number): string {
  const [exception, type] = [model.exception(index), model.exceptionType(index)];
  return (exception !== type && exception) || model.statusMessage(index) || '';
}
