import { harmlessJson } from '../shared/harmless-text.ts';

/** Characters of a name or a value; a number stands for the rest. */
const MAX_TEXT = 500;
/** Characters of a whole answer, some 8,000 tokens. */
const MAX_ANSWER = 32_000;

/** Characters of the link to the page. Many programs refuse longer links. */
const MAX_LINK = 8000;

/** A tool's answer without a bound on its size. Lists have the most important item first. */
export interface ToolAnswer {
  /** Absent when the part with the view was left out. */
  readonly link: string | undefined;
  readonly [key: string]: unknown;
}

/**
 * An answer as JSON on one line, of a bounded size. Long texts are cut. The last items of lists and objects that are too large
 * are left out; `left_out` has their number by path. Control characters and invisible marks are escaped.
 */
export function answerText(answer: ToolAnswer): string {
  const { link, ...rest } = answer;
  const shown: ToolAnswer = {
    ...(link === undefined || link.length <= MAX_LINK
      ? { link }
      : {
          link: new URL('/', link).href,
          link_cut: `The link to this view would have ${link.length} characters.`,
        }),
    ...(cutTexts(rest) as Record<string, unknown>),
  };
  const leftOut: Record<string, number> = {};
  for (;;) {
    const text = harmlessJson({ ...shown, ...(Object.keys(leftOut).length > 0 && { left_out: leftOut }) }, 0);
    if (text.length <= MAX_ANSWER) return text;
    const { holder, key, path } = largestPart(shown);
    leftOut[path] = (leftOut[path] ?? 0) + halve(holder, key);
  }
}

function cutTexts(value: unknown): unknown {
  if (typeof value === 'string') return cutWithCount(value);
  if (Array.isArray(value)) return value.map(cutTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [cutWithCount(key), key === 'link' ? part : cutTexts(part)]),
  );
}

/** A text of bounded length. A number stands for the rest. */
export function cutWithCount(text: string, most = MAX_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`;
}

type Parts = Record<string, unknown>;

/** The list or object that takes most room. When a single part fills it, that part instead. */
function largestPart(answer: ToolAnswer): { holder: Parts; key: string; path: string } {
  let [holder, key, path] = largestOf(answer as Parts, '');
  for (;;) {
    const whole = holder[key] as Parts;
    const [, inner, below] = largestOf(whole, path);
    const part = whole[inner];
    const isFilled = JSON.stringify(part).length > JSON.stringify(whole).length / 2;
    if (typeof part !== 'object' || part === null || !isFilled) return { holder, key, path };
    [holder, key, path] = [whole, inner, below];
  }
}

/** The largest part of a list or an object, by its key and its path in the answer. */
function largestOf(whole: Parts, above: string): [holder: Parts, key: string, path: string] {
  const sizes = Object.entries(whole).map(([key, part]): [string, number] => [
    key,
    JSON.stringify(part ?? null).length,
  ]);
  const [key = ''] = sizes.sort(([, a], [, b]) => b - a)[0] ?? [];
  const path = above === '' ? key : Array.isArray(whole) ? `${above}[${key}]` : `${above}.${key}`;
  return [whole, key, path];
}

/** Leaves out the second half of a part. Returns the number of items left out. */
function halve(holder: Parts, key: string): number {
  const part = holder[key];
  if (Array.isArray(part)) {
    const kept = Math.floor(part.length / 2);
    holder[key] = part.slice(0, kept);
    return part.length - kept;
  }
  const entries = Object.entries(part as Parts);
  const kept = Math.floor(entries.length / 2);
  holder[key] = Object.fromEntries(entries.slice(0, kept));
  return entries.length - kept;
}
