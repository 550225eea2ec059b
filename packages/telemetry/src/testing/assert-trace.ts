import { AssertionError } from 'node:assert';
import { diff, isDeepStrictEqual } from 'node:util';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { depthFirst, formsOf, spanTree } from './span-tree.ts';

/**
 * Asserts that the spans make exactly the expected trees, siblings ordered by start. The tree is text with one span per
 * line. Children are indented by two spaces. Two spaces separate columns:
 *
 * ```
 * GET /api/activities/home  SERVER
 *   SELECT activities  CLIENT
 *   activities-api  GET  CLIENT  ERROR
 * ```
 *
 * A line is a name. The service may stand before the name, the kind and `ERROR` behind the name. A line without `ERROR`
 * asks for a span without an error. Empty lines and a common indentation do not count. `printTree` prints this form.
 *
 * @throws AssertionError with the two trees as a diff
 */
export function assertTrace(spans: readonly ReadableSpan[], tree: string): void {
  const expected = linesOf(tree);
  const wanted = new Set(expected);
  // A span is shown as the line that asks for the span, or else in full.
  const actual = depthFirst(spanTree(spans)).map(({ node, depth }) => {
    const forms = formsOf(node).map((form) => '  '.repeat(depth) + form);
    return forms.find((form) => wanted.has(form)) ?? forms[0] ?? '';
  });
  if (isDeepStrictEqual(actual, expected)) return;
  const intro = 'The trace is not the expected one (+ is there, - is missing)';
  const message = `${intro}:\n\n${showDifference(actual, expected)}\n`;
  throw new AssertionError({ message, actual, expected });
}

function linesOf(tree: string): string[] {
  const lines = tree.split('\n').filter((line) => line.trim() !== '');
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin).trimEnd());
}

function showDifference(actual: readonly string[], expected: readonly string[]): string {
  const marks = { 0: ' ', 1: '+', [-1]: '-' };
  return diff([...actual], [...expected])
    .map(([operation, line]) => `${marks[operation]} ${line}`)
    .join('\n');
}
