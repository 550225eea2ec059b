import { harmlessJson } from '../shared/harmless-text.ts';

/** Characters of what is said of a call that cannot be answered. */
const MAX_TEXT = 2000;

/** Which tool helps on, by what the explorer said. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/Dataset not found/u, 'get_environment lists the datasets.'],
  [/unknown column|Nothing has this field/u, 'find_columns finds columns by words of their names.'],
  [/Query result not found/u, 'The explorer keeps the newest results only: ask again with run_query.'],
  [/No such trace/u, 'find_traces lists those that are stored.'],
  [/No such span/u, 'get_trace lists the spans of a trace.'],
];

/** Why a call cannot be answered, and what to do: of a bounded length, and, as it may quote anything, escaped. */
export function refusalText(message: string): string {
  const cut =
    message.length <= MAX_TEXT ? message : `${message.slice(0, MAX_TEXT)}… (${message.length} characters)`;
  // As in a string of JSON. Quotes in the message are harmless.
  const escaped = harmlessJson(cut, 0).slice(1, -1).replaceAll('\\"', '"');
  const advice = ADVICE.find(([said]) => said.test(message))?.[1];
  return advice === undefined || message.includes(advice)
    ? escaped
    : `${escaped.replace(/\.?$/u, '.')} ${advice}`;
}
