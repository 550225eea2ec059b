import { deepStrictEqual } from 'node:assert';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

/**
 * Asserts that every parent is among `spans`, in the same trace. A parent in another process may be missing, unless
 * `spans` has the spans of all processes (`allowRemote: false`).
 *
 * @throws AssertionError naming each orphan
 */
export function assertNoOrphans(
  spans: readonly ReadableSpan[],
  { allowRemote = true }: { readonly allowRemote?: boolean } = {},
): void {
  const traces = new Map(spans.map((span) => [span.spanContext().spanId, span.spanContext().traceId]));
  const orphans = spans.flatMap((span) => {
    const parent = span.parentSpanContext;
    const { traceId } = span.spanContext();
    if (parent === undefined || traces.get(parent.spanId) === traceId) return [];
    if (allowRemote && parent.isRemote === true && !traces.has(parent.spanId)) return [];
    const where = traces.has(parent.spanId) ? 'is in another trace' : 'is missing';
    return [`${span.name} (trace ${traceId}): its parent ${parent.spanId} ${where}`];
  });
  deepStrictEqual(orphans, [], `There are spans without their parent:\n\n${orphans.join('\n')}\n`);
}
