import { harmlessJson } from '../shared/harmless-text.ts';

/** Characters of an error text. */
const MAX_TEXT = 2000;

/**
 * The reason that a call gets no answer, and the tool's advice. The text is bounded and escaped, because it may quote anything.
 */
export function refusalText(message: string, advice?: string): string {
  const cut =
    message.length <= MAX_TEXT ? message : `${message.slice(0, MAX_TEXT)}… (${message.length} characters)`;
  // Escapes as in a JSON string. Quotes in the message are harmless.
  const escaped = harmlessJson(cut, 0).slice(1, -1).replaceAll('\\"', '"');
  return advice === undefined ? escaped : `${escaped.replace(/\.?$/u, '.')} ${advice}`;
}
