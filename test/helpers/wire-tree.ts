import type { ReceivedSpan } from './otlp-receiver.ts';

/** The tree of one trace as indented lines `service  name  KIND`, built from the exported bytes alone. */
export function wireTree(spans: readonly ReceivedSpan[]): string {
  const ids = new Set(spans.map((span) => span.spanId));
  const roots = spans.filter((span) => !ids.has(span.parentSpanId));
  const lines: string[] = [];
  const visit = (span: ReceivedSpan, depth: number) => {
    lines.push(
      `${'  '.repeat(depth)}${span.service}  ${span.name}  ${span.kind}${span.status === 2 ? '  ERROR' : ''}`,
    );
    for (const child of childrenOf(spans, span)) visit(child, depth + 1);
  };
  for (const root of roots.toSorted(byStart)) visit(root, 0);
  return lines.join('\n');
}

export function childrenOf(spans: readonly ReceivedSpan[], parent: ReceivedSpan): ReceivedSpan[] {
  return spans.filter((span) => span.parentSpanId === parent.spanId).toSorted(byStart);
}

/** Spans that stick out of their parents within one service, as readable lines; none when durations are nested. */
export function stickingOut(spans: readonly ReceivedSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return spans.flatMap((span) => {
    const parent = byId.get(span.parentSpanId);
    if (parent === undefined || parent.service !== span.service) return [];
    return span.start >= parent.start && span.end <= parent.end
      ? []
      : [`${span.name} sticks out of ${parent.name}`];
  });
}

function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return a.start < b.start ? -1 : a.start > b.start ? 1 : 0;
}
