import { AssertionError } from 'node:assert';
import { diff, isDeepStrictEqual } from 'node:util';
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { SpanNode } from '../console/span-tree.ts';
import { spanTree } from '../console/span-tree.ts';
import type { ReadableSpan } from '../opentelemetry/sdk.ts';
import { parseTree } from './parse-tree.ts';

/** A span as a test expects it; what is left out may be anything. */
export interface ExpectedSpan {
  readonly name: string;
  readonly kind?: SpanNode['kind'];
  readonly service?: string;
  readonly status?: SpanNode['status'];
  /** Attributes that the span must have, beside others; a regular expression matches strings. */
  readonly attributes?: Readonly<Record<string, AttributeValue | RegExp>>;
  /** All of them, in the order in which they start. Default: none. */
  readonly children?: readonly ExpectedSpan[];
}

/**
 * Asserts that the spans make exactly the expected trees, siblings in the order in which they started. The tree is
 * objects, or text with one span per line, children indented by two spaces, columns two spaces apart:
 *
 * ```
 * GET /api/activities/home  SERVER
 *   SELECT activities  CLIENT
 *   activities-api  GET  CLIENT  ERROR
 * ```
 *
 * A line is a name; the service may stand before it, the kind and `ERROR` behind it. A line without `ERROR` asks for a
 * span that is none. `printTree` prints this form.
 *
 * @throws AssertionError with the two trees as a diff
 * @throws Error for a text that is no tree
 */
export function assertTrace(
  spans: readonly ReadableSpan[],
  tree: string | ExpectedSpan | readonly ExpectedSpan[],
): void {
  const roots: readonly ExpectedSpan[] =
    typeof tree === 'string' ? parseTree(tree) : 'name' in tree ? [tree] : tree;
  const actual: string[] = [];
  const expected: string[] = [];
  // Siblings are compared in pairs, with a stack of our own: a deep trace cannot overflow it.
  const stack = pairsOf(roots, spanTree(spans), 0);
  for (let pair = stack.pop(); pair !== undefined; pair = stack.pop()) {
    const indent = '  '.repeat(pair.depth);
    if (pair.wanted) expected.push(indent + describeWanted(pair.wanted));
    if (pair.found) actual.push(indent + describeFound(pair.found, pair.wanted));
    stack.push(...pairsOf(pair.wanted?.children ?? [], pair.found?.children ?? [], pair.depth + 1));
  }
  if (isDeepStrictEqual(actual, expected)) return;
  throw new AssertionError({
    message: `The trace is not the expected one (+ is there, - is missing):\n\n${showDifference(actual, expected)}\n`,
    actual: actual.join('\n'),
    expected: expected.join('\n'),
    operator: 'assertTrace',
    stackStartFn: assertTrace,
  });
}

function showDifference(actual: readonly string[], expected: readonly string[]): string {
  const marks = { 0: ' ', 1: '+', [-1]: '-' };
  return diff([...actual], [...expected])
    .map(([operation, line]) => `${marks[operation]} ${line}`)
    .join('\n');
}

interface Pair {
  readonly wanted: ExpectedSpan | undefined;
  readonly found: SpanNode | undefined;
  readonly depth: number;
}

/** Last first, as a stack wants them. */
function pairsOf(wanted: readonly ExpectedSpan[], found: readonly SpanNode[], depth: number): Pair[] {
  const length = Math.max(wanted.length, found.length);
  return Array.from({ length }, (_, i) => ({ wanted: wanted[i], found: found[i], depth })).reverse();
}

function describeWanted({ service, name, kind, status, attributes = {} }: ExpectedSpan): string {
  const shown = Object.entries(attributes).map(([key, value]) => `${key}=${show(value)}`);
  return columns(service, name, kind, status, shown);
}

/** With the columns that are asked for; all, when this span is not expected at all. */
function describeFound(node: SpanNode, wanted: ExpectedSpan | undefined): string {
  const { service, name, kind, status, attributes } = node;
  if (wanted === undefined) return columns(service, name, kind, status === 'ERROR' ? status : undefined, []);
  const shown = Object.entries(wanted.attributes ?? {}).map(([key, value]) =>
    // What matches looks the same on both sides.
    matches(attributes, key, value) ? `${key}=${show(value)}` : `${key}=${show(attributes[key])}`,
  );
  return columns(wanted.service && service, name, wanted.kind && kind, wanted.status && status, shown);
}

function columns(
  service: string | undefined,
  name: string,
  kind: string | undefined,
  status: string | undefined,
  attributes: readonly string[],
): string {
  const visible = status === 'UNSET' ? undefined : status;
  return [service, name, kind, visible, ...attributes].filter((column) => column !== undefined).join('  ');
}

function matches(attributes: Attributes, key: string, wanted: AttributeValue | RegExp): boolean {
  const found = attributes[key];
  if (wanted instanceof RegExp) return typeof found === 'string' && wanted.test(found);
  return isDeepStrictEqual(found, wanted);
}

function show(value: AttributeValue | RegExp | undefined): string {
  return value === undefined || value instanceof RegExp ? String(value) : JSON.stringify(value);
}
