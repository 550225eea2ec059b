import type { Attributes } from '@opentelemetry/api';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/** One span with its children, ordered by start. */
export interface SpanNode {
  readonly name: string;
  readonly kind: keyof typeof SpanKind;
  readonly service: string;
  readonly status: keyof typeof SpanStatusCode;
  readonly attributes: Attributes;
  readonly span: ReadableSpan;
  readonly children: SpanNode[];
}

/**
 * Builds the trees that finished spans make. Roots are spans without a parent among `spans` (a remote parent that was
 * not collected counts as none), ordered by start.
 */
export function spanTree(spans: readonly ReadableSpan[]): SpanNode[] {
  const nodes = new Map(spans.map((span) => [span.spanContext().spanId, nodeOf(span)]));
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parentId = node.span.parentSpanContext?.spanId;
    const siblings = (parentId === undefined ? undefined : nodes.get(parentId)?.children) ?? roots;
    siblings.push(node);
  }
  for (const node of nodes.values()) node.children.sort(byStart);
  return roots.sort(byStart);
}

/** The trees as indented text, one span per line: `service  name  KIND`, for failure messages and snapshots. */
export function printTree(spans: readonly ReadableSpan[]): string {
  const rows = depthFirst(spanTree(spans));
  return rows.map(({ node, depth }) => '  '.repeat(depth) + formsOf(node)[0]).join('\n');
}

/** The lines that may stand for a span. The first line has all columns. */
export function formsOf({ service, name, kind, status }: SpanNode): string[] {
  const error = status === 'ERROR' ? '  ERROR' : '';
  const forms = [`${service}  ${name}  ${kind}`, `${name}  ${kind}`, `${service}  ${name}`, name];
  return forms.map((form) => form + error);
}

/** Every node with its depth, parents before children; no recursion, so that a deep trace cannot overflow the stack. */
export function depthFirst(roots: readonly SpanNode[]): { node: SpanNode; depth: number }[] {
  const rows: { node: SpanNode; depth: number }[] = [];
  const stack = roots.toReversed().map((node) => ({ node, depth: 0 }));
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    rows.push(item);
    for (const child of item.node.children.toReversed()) stack.push({ node: child, depth: item.depth + 1 });
  }
  return rows;
}

function nodeOf(span: ReadableSpan): SpanNode {
  return {
    name: span.name,
    kind: SpanKind[span.kind] as keyof typeof SpanKind,
    service: String(span.resource.attributes['service.name'] ?? 'unknown_service'),
    status: SpanStatusCode[span.status.code] as keyof typeof SpanStatusCode,
    attributes: span.attributes,
    span,
    children: [],
  };
}

function byStart(a: SpanNode, b: SpanNode): number {
  return a.span.startTime[0] - b.span.startTime[0] || a.span.startTime[1] - b.span.startTime[1];
}
