import { factsOf, originOf } from '../../../../core/traces/findings/facts.ts';
import { messageShape } from '../../../../core/traces/model/shapes.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';

/**
 * The spans where the errors of a trace began, grouped by service and message without ids. The group that the root's error
 * began with is first.
 */
export function errorGroups(model: TraceModel): readonly (readonly number[])[] {
  const { origin } = factsOf(model, new Set());
  const began = new Set(model.errors.map((index) => origin[index] ?? index));
  const groups = Map.groupBy(
    [...began].sort((a, b) => a - b),
    (index) => JSON.stringify([model.service(index), messageShape(saidBy(model, index))]),
  );
  const first = originOf(model);
  return [...groups.values()].sort((a, b) => Number(b.includes(first)) - Number(a.includes(first)));
}

/** Errors in the order of the steps through the errors. The one where the root's error began comes first. */
export function errorOrder(model: TraceModel): readonly number[] {
  const first = originOf(model);
  return first < 0 ? [] : [first, ...model.errors.filter((index) => index !== first)];
}

/**
 * The error that the next step selects. The first step selects where the root's error began, also when a person has selected
 * another error before.
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
  const origin = originOf(model, index);
  if (origin === index || origin < 0) return status ?? 'no message went out';
  return `${status ?? ''} from ${model.service(origin)}: ${saidBy(model, origin)}`.trimStart();
}

function saidBy(model: TraceModel, index: number): string {
  return ownMessage(model, index) ?? model.statusCode(index) ?? `${model.name(index)} failed`;
}

/** The span's own message: its exception's, else its status's. A message that only repeats the status (`error.type` 503) does not count. */
function ownMessage(model: TraceModel, index: number): string | undefined {
  const messages = [model.exception(index), model.statusMessage(index), model.problem(index)];
  return messages.find((text) => text !== undefined && text !== '' && text !== model.statusCode(index));
}
