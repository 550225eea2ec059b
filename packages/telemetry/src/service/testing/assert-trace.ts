import { deepStrictEqual } from 'node:assert';
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
 * @throws AssertionError with Node's diff of the two trees
 */
export function assertTrace(spans: readonly ReadableSpan[], tree: string): void {
  const expected = linesOf(tree);
  const wanted = new Set(expected);
  // A span is shown as the line that asks for the span, or else in full.
  const actual = depthFirst(spanTree(spans)).map(({ node, depth }) => {
    const forms = formsOf(node).map((form) => '  '.repeat(depth) + form);
    return forms.find((form) => wanted.has(form)) ?? forms[0] ?? '';
  });
  deepStrictEqual(actual, expected);
}

function linesOf(tree: string): string[] {
  const lines = tree.split('\n').filter((line) => line.trim() !== '');
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin).trimEnd());
}
