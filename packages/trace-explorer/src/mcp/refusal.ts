import { harmlessJson } from '../shared/harmless-text.ts';
import { cutText } from './answer.ts';

/** Characters of an error text. */
const MAX_TEXT = 2000;

/**
 * The reason that a call gets no answer, and the tool's advice. The text is bounded and escaped, because it may quote anything.
 */
export function refusalText(message: string, advice?: string): string {
  // Escapes as in a JSON string. Quotes in the message are harmless.
  const escaped = harmlessJson(cutText(message, MAX_TEXT), 0).slice(1, -1).replaceAll('\\"', '"');
  return advice === undefined ? escaped : `${escaped.replace(/\.?$/u, '.')} ${advice}`;
}
