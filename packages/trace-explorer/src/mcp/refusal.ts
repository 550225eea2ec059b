import { harmlessJson } from '../shared/harmless-text.ts';

/** Characters of an error text. */
const MAX_TEXT = 2000;

/** The tool that helps after an error, by the explorer's message. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/Dataset not found/u, 'get_environment lists the datasets.'],
  [/unknown column|Nothing has this field/u, 'find_columns finds columns by words of their names.'],
  [/Query result not found/u, 'The explorer keeps the newest results only: ask again with run_query.'],
  [/No such trace/u, 'find_traces lists those that are stored.'],
  [/No such span/u, 'get_trace lists the spans of a trace.'],
];

/** The reason that a call gets no answer, and what to do. The text is bounded and escaped, because it may quote anything. */
export function refusalText(message: string): string {
  const cut =
    message.length <= MAX_TEXT ? message : `${message.slice(0, MAX_TEXT)}… (${message.length} characters)`;
  // Escapes as in a JSON string. Quotes in the message are harmless.
  const escaped = harmlessJson(cut, 0).slice(1, -1).replaceAll('\\"', '"');
  const advice = ADVICE.find(([said]) => said.test(message))?.[1];
  return advice === undefined || message.includes(advice)
    ? escaped
    : `${escaped.replace(/\.?$/u, '.')} ${advice}`;
}
