import type { ReceivedSpan } from '@tandem/otlp/testing';
import { printTree } from '@tandem/telemetry/testing';
import { readableSpans } from '../../packages/telemetry/test/readable-spans.ts';

/** The tree of one trace as indented lines `service  name  KIND`, built from the exported bytes alone. */
export function wireTree(spans: readonly ReceivedSpan[]): string {
  return printTree(readableSpans(spans));
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
