import { SpanKind } from '@opentelemetry/api';
import type { ExpectedSpan } from './assert-trace.ts';

type Parsed = ExpectedSpan & { children: Parsed[] };

/**
 * Reads the trees that `printTree` prints: one span per line, children indented by two spaces, columns two spaces apart
 * (service, name, kind, `ERROR`; only the name has to be there). Empty lines and a common indentation do not count.
 *
 * @throws Error naming a line that is no span, or indented by more than a level
 */
export function parseTree(text: string): ExpectedSpan[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const margin = Math.min(...lines.map(indentOf));
  const roots: Parsed[] = [];
  /** The span of each level that a line may be a child of. */
  const ancestors: Parsed[] = [];
  for (const line of lines) {
    const depth = (indentOf(line) - margin) / 2;
    const siblings = depth === 0 ? roots : ancestors[depth - 1]?.children;
    if (siblings === undefined) {
      throw new Error(`This line is not two spaces deeper than its parent: ${JSON.stringify(line)}`);
    }
    const span = parseLine(line);
    siblings.push(span);
    ancestors.length = depth;
    ancestors.push(span);
  }
  return roots;
}

function parseLine(line: string): Parsed {
  const columns = line.trim().split(/ {2,}/);
  const status = columns.at(-1) === 'ERROR' && columns.length > 1 ? 'ERROR' : 'UNSET';
  if (status === 'ERROR') columns.pop();
  const kind = columns.length > 1 ? kindOf(columns.at(-1)) : undefined;
  if (kind !== undefined) columns.pop();
  const [name, service, ...rest] = columns.reverse();
  if (name === undefined || rest.length > 0) {
    throw new Error(`This line is no span (service  name  KIND  ERROR): ${JSON.stringify(line)}`);
  }
  return { name, status, children: [], ...(kind && { kind }), ...(service !== undefined && { service }) };
}

function kindOf(text: string | undefined): keyof typeof SpanKind | undefined {
  return Object.keys(SpanKind).find(
    (kind): kind is keyof typeof SpanKind => kind === text && !/^\d/.test(kind),
  );
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
