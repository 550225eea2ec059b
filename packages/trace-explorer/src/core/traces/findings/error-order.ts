import { messageShape } from '../model/message-shape.ts';
import type { TraceModel } from '../model/trace-model.ts';
import { factsOf, rootCause } from './facts.ts';

/**
 * Errors that no error right below explains, grouped by service and message without ids. The group of the root cause is first.
 * A try that failed before the same work succeeded explains nothing.
 */
export function errorCauses(model: TraceModel): readonly (readonly number[])[] {
  const { recovered } = factsOf(model, new Set());
  const explaining = model.errors.filter((index) => !recovered.has(index));
  const passedOn = new Set(explaining.map((index) => model.parent[index]));
  const keyOf = (index: number) =>
    JSON.stringify([model.service(index), messageShape(causeText(model, index))]);
  const groups = Map.groupBy(
    model.errors.filter((index) => !passedOn.has(index)),
    keyOf,
  );
  const first = rootCause(model);
  return [...groups.values()].sort((a, b) => Number(b.includes(first)) - Number(a.includes(first)));
}

/** Errors in the order of the steps through the errors. The cause of the other errors comes first. */
export function errorOrder(model: TraceModel): readonly number[] {
  const cause = rootCause(model);
  return cause < 0 ? [] : [cause, ...model.errors.filter((index) => index !== cause)];
}

/**
 * The error that the next step selects. The first step selects the cause, also when a person has selected another error before.
 *
 * @param stepped index that the last step selected
 */
export function nextError(
  model: TraceModel,
  { selected, stepped }: { readonly selected: number; readonly stepped: number },
  by: 1 | -1,
): number | undefined {
  const order = errorOrder(model);
  const at = order.indexOf(selected);
  const begins = at < 0 || (at > 0 && selected !== stepped);
  return order[begins ? 0 : (at + by + order.length) % order.length];
}

/**
 * The error of a span in few words: its status and its own message, or a message from a span below.
 * @example '503 from user-lookup: database is locked'
 */
export function errorText(model: TraceModel, index: number): string {
  const status = model.statusCode(index);
  const own = ownMessage(model, index);
  if (own !== undefined) return [status, own].filter(Boolean).join(': ');
  const cause = rootCause(model, index);
  const got = cause === index || cause < 0 ? undefined : causeText(model, cause);
  if (got === undefined) return status ?? 'no message went out';
  return `${status ?? ''} from ${model.service(cause)}: ${got}`.trimStart();
}

function causeText(model: TraceModel, cause: number): string {
  return ownMessage(model, cause) ?? model.statusCode(cause) ?? `${model.name(cause)} failed`;
}

/** The span's own message: its exception's, else its status's. A message that only repeats the status (`error.type` 503) does not count. */
function ownMessage(model: TraceModel, index: number): string | undefined {
  const messages = [model.exception(index), model.statusMessage(index), model.problem(index)];
  return messages.find((text) => text !== undefined && text !== '' && text !== model.statusCode(index));
}
