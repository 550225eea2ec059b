import type { TObject, TSchema } from 'typebox';
import { harmlessJson } from '../../lib/text/harmless-text.ts';
import { masked } from '../redaction/masked.ts';

/** Characters of a name or a value; a number stands for the rest. */
const MAX_TEXT = 500;
/** Characters of an answer, some 1,000 tokens, and of one that was asked for in full. */
export const USUAL_ANSWER = 4_000;
export const MAX_ANSWER = 32_000;
/** Characters of a call that an answer gives as it has to be made. */
const MAX_CALL = 500;

/** Characters of the link to the page. Many programs refuse longer links. */
const MAX_LINK = 8000;

/** A tool's answer without a bound on its size. Lists have the most important item first. */
export interface ToolAnswer {
  /** Absent when the part with the view was left out. */
  readonly link: string | undefined;
  /** Calls that lead on from here. Where more of the same can be had, a call for that is added. */
  readonly next?: readonly string[];
  /** What the argument `offset` or `cursor` has to be for the next items. */
  readonly next_offset?: number;
  readonly next_cursor?: string;
  /** How many items of a part, by its path, are not in the answer because of its `limit`. */
  readonly left_out?: Readonly<Record<string, number>>;
  readonly [key: string]: unknown;
}

/** The call that is answered, with the defaults of the arguments that were left out. */
export interface AnsweredCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly input: TObject;
}

/** A call as it has to be made: `get_trace {"trace_id":"…"}` */
export function callText(tool: string, args: object): string {
  return `${tool} ${JSON.stringify(args)}`;
}

/**
 * An answer as JSON on one line, of a bounded size. Long texts are cut, and no text has a secret: agents send what they read to somebody else. The last items of lists and objects that are too large
 * are left out; `left_out` has the number by path of all that is not there, and the last call of `next` asks for them. Control characters and
 * invisible marks are escaped.
 */
export function answerText(answer: ToolAnswer, asked: AnsweredCall): string {
  const { link, next = [], left_out: unasked = {}, ...rest } = answer;
  const { characters: given = USUAL_ANSWER } = asked.args;
  const most = Number(given);
  const shown: ToolAnswer = {
    ...(link === undefined || link.length <= Math.min(MAX_LINK, most / 4)
      ? { link }
      : {
          link: new URL('/', link).href,
          link_cut: `The link to this view would have ${link.length} characters.`,
        }),
    ...(cutTexts(rest) as Record<string, unknown>),
  };
  const leftOut: Record<string, number> = { ...unasked };
  let whole = 0;
  for (;;) {
    const isCut = whole > 0;
    const more = isCut
      ? largerCall(asked, whole)
      : (furtherCall(asked, answer) ?? longerCall(asked, unasked));
    const calls = more === undefined ? next : [...next, more];
    const text = harmlessJson(
      {
        ...shown,
        ...(Object.keys(leftOut).length > 0 && { left_out: leftOut }),
        ...(calls.length > 0 && { next: calls }),
      },
      0,
    );
    if (text.length <= most) return text;
    whole ||= text.length;
    const { holder, key, path } = largestPart(shown);
    const fewer = shorten(holder, key, text.length - most);
    if (fewer === 0) return text;
    leftOut[path] = (leftOut[path] ?? 0) + fewer;
  }
}

/** The call for an answer that has room for everything; for the longest one with fewer items, whose rest can be asked for then. */
function largerCall(asked: AnsweredCall, whole: number): string | undefined {
  const { characters, limit } = asked.args;
  if (characters !== MAX_ANSWER)
    return changedCall(asked, { characters: Math.min(MAX_ANSWER, 1000 * Math.ceil(whole / 1000 + 0.5)) });
  return Number(limit) > 1 ? changedCall(asked, { limit: Math.floor(Number(limit) / 2) }) : undefined;
}

/** The call for a longer list, where its limit cut it. */
function longerCall(asked: AnsweredCall, unasked: NonNullable<ToolAnswer['left_out']>): string | undefined {
  const { default: standard = 0, maximum = 0 }: { default?: number; maximum?: number } =
    asked.input.properties.limit ?? {};
  const given = Number(asked.args.limit ?? standard);
  const more = Math.min(maximum, given + Object.values(unasked).reduce((sum, count) => sum + count, 0));
  return more > given ? changedCall(asked, { limit: more }) : undefined;
}

/** The call for the items after these. */
function furtherCall(asked: AnsweredCall, { next_offset, next_cursor }: ToolAnswer): string | undefined {
  if (next_offset !== undefined) return changedCall(asked, { offset: next_offset });
  return next_cursor === undefined ? undefined : changedCall(asked, { cursor: next_cursor });
}

/** The same call with another argument. A long one is not repeated. */
function changedCall({ tool, args, input }: AnsweredCall, change: object): string {
  const properties: Readonly<Record<string, TSchema & { default?: unknown }>> = input.properties;
  const given = Object.entries(args).filter(([name, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== properties[name]?.default,
  );
  const call = callText(tool, { ...Object.fromEntries(given), ...change });
  return call.length <= MAX_CALL ? call : `the same ${tool} with ${JSON.stringify(change)}`;
}

function cutTexts(value: unknown): unknown {
  if (typeof value === 'string') return cutWithCount(masked(value));
  if (Array.isArray(value)) return value.map(cutTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      cutWithCount(masked(key)),
      key === 'link' ? part : cutTexts(part),
    ]),
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

/** Leaves out the last items of a part, so that it loses some characters. Returns the number of items left out. */
function shorten(holder: Parts, key: string, characters: number): number {
  const part = holder[key];
  if (typeof part !== 'object' || part === null) return 0;
  const entries = Object.entries(part);
  const share = 1 - characters / JSON.stringify(part).length;
  const kept = Math.max(0, Math.min(entries.length - 1, Math.floor(entries.length * share)));
  holder[key] = Array.isArray(part) ? part.slice(0, kept) : Object.fromEntries(entries.slice(0, kept));
  return entries.length - kept;
}
