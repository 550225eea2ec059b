import { AssertionError } from 'node:assert';
import { diff, isDeepStrictEqual } from 'node:util';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { SpanNode } from './span-tree.ts';
import { depthFirst, spanTree } from './span-tree.ts';

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
  throw new AssertionError({
    message: `The trace is not the expected one (+ is there, - is missing):\n\n${showDifference(actual, expected)}\n`,
    actual: actual.join('\n'),
    expected: expected.join('\n'),
    operator: 'assertTrace',
    stackStartFn: assertTrace,
  });
}

function linesOf(tree: string): string[] {
  const lines = tree.split('\n').filter((line) => line.trim() !== '');
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(margin).trimEnd());
}

/** The lines that may ask for a span. The first line has all columns. */
function formsOf({ service, name, kind, status }: SpanNode): string[] {
  const error = status === 'ERROR' ? '  ERROR' : '';
  const forms = [`${service}  ${name}  ${kind}`, `${name}  ${kind}`, `${service}  ${name}`, name];
  return forms.map((form) => form + error);
}

function showDifference(actual: readonly string[], expected: readonly string[]): string {
  const marks = { 0: ' ', 1: '+', [-1]: '-' };
  return diff([...actual], [...expected])
    .map(([operation, line]) => `${marks[operation]} ${line}`)
    .join('\n');
}
