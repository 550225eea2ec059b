import { harmlessJson } from '../cli/terminal-text.ts';

/** Characters of a name or a value; the rest is counted. */
const MAX_TEXT = 500;
/** Characters of a whole answer, some 8,000 tokens. */
const MAX_ANSWER = 32_000;

/** What a tool answers, before it is bounded. Lists stand in the order in which their items matter. */
export interface Answer {
  /** The same view in the page. */
  readonly link: string;
  readonly [key: string]: unknown;
}

/**
 * An answer as JSON on one line, of a bounded size: long texts are cut, and of lists that are too long the last items
 * are left out and counted, in `left_out`. Control characters and marks that are not seen are escaped.
 */
export function answerText(answer: Answer): string {
  const shown = cutTexts(answer) as Record<string, unknown>;
  const leftOut: Record<string, number> = {};
  for (;;) {
    const text = harmlessJson({ ...shown, ...(Object.keys(leftOut).length > 0 && { left_out: leftOut }) }, 0);
    if (text.length <= MAX_ANSWER) return text;
    const key = longestList(shown);
    if (key === undefined) return `${text.slice(0, MAX_ANSWER)}… (cut: ask for less)`;
    const list = shown[key] as unknown[];
    const kept = Math.floor(list.length / 2);
    leftOut[key] = (leftOut[key] ?? 0) + list.length - kept;
    shown[key] = list.slice(0, kept);
  }
}

function cutTexts(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value);
  if (Array.isArray(value)) return value.map(cutTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [cutText(key), key === 'link' ? part : cutTexts(part)]),
  );
}

function cutText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return `${text.slice(0, MAX_TEXT)}… (${text.length} characters)`;
}

/** The list of the answer that takes most room. */
function longestList(answer: Readonly<Record<string, unknown>>): string | undefined {
  const lists = Object.entries(answer).filter(([, value]) => Array.isArray(value) && value.length > 0);
  const sizes = lists.map(([key, list]): [string, number] => [key, JSON.stringify(list).length]);
  return sizes.sort(([, a], [, b]) => b - a)[0]?.[0];
}
