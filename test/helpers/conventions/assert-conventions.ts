import { deepStrictEqual } from 'node:assert';
import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { SEMCONV_VERSION } from './attributes.ts';
import { checkConventions } from './check-conventions.ts';

/**
 * Asserts that every span keeps to OpenTelemetry's semantic conventions for HTTP, URL, server, network, database,
 * exception and error attributes: presence, types, kind, name and status. Attributes of other namespaces are free.
 *
 * @throws AssertionError with each violation of each span
 */
export function assertConventions(spans: readonly ReadableSpan[]): void {
  const all = spans.flatMap((span) =>
    checkConventions(span).map((violation) => `${SpanKind[span.kind]} ${span.name}: ${violation}`),
  );
  const violations = [...new Set(all)];
  const intro = `Spans break the semantic conventions ${SEMCONV_VERSION}`;
  deepStrictEqual(violations, [], `${intro}:\n\n${violations.join('\n')}\n`);
}
