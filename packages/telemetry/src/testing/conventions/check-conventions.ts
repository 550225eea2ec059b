import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '../../opentelemetry/sdk.ts';
import { attributeViolations } from './attribute-rules.ts';
import { dbViolations } from './db-rules.ts';
import { httpViolations } from './http-rules.ts';
import type { SpanModel } from './span-models.ts';
import { modelOf } from './span-models.ts';

/**
 * Holds a finished span against the OpenTelemetry semantic conventions (`SEMCONV_VERSION`) for HTTP, URL, server,
 * network, database, exception and error attributes: required and conditionally required ones, types and forms, span
 * kind, name, status. Says what is wrong, one readable line each; empty for a span without fault. Attributes of other
 * namespaces are the application's and are not looked at.
 */
export function checkConventions(span: ReadableSpan): string[] {
  const model = modelOf(span.attributes, span.kind);
  return [
    ...kindViolations(span, model),
    ...requirementViolations(span, model),
    ...attributeViolations(span.attributes),
    ...errorViolations(span),
    ...(model.id === 'span.db.client' ? dbViolations(span) : []),
    ...(model.id.startsWith('span.http.') ? httpViolations(span, model.id === 'span.http.server') : []),
    ...exceptionViolations(span),
  ];
}

function kindViolations(span: ReadableSpan, model: SpanModel): string[] {
  const kind = SpanKind[span.kind];
  if (model.kinds.length === 0 || model.kinds.some((allowed) => allowed === kind)) return [];
  return [`kind must be ${model.kinds.join(' or ')} for ${model.id}, not ${kind}`];
}

function requirementViolations({ attributes, status }: ReadableSpan, model: SpanModel): string[] {
  const facts = { attributes, failed: status.code === SpanStatusCode.ERROR };
  const violations: string[] = [];
  for (const [key, requirement] of Object.entries(model.attributes)) {
    if (attributes[key] !== undefined) continue;
    if (requirement.level === 'required') violations.push(`${key} is missing: ${model.id} requires it`);
    if (requirement.level === 'conditionally_required' && requirement.when?.(facts)) {
      violations.push(`${key} is missing: ${model.id} requires it when ${requirement.condition}`);
    }
  }
  return violations;
}

/** Recording errors: instrumentation leaves the status unset or says Error, and `error.type` goes with Error only. */
function errorViolations({ attributes, status }: ReadableSpan): string[] {
  if (status.code === SpanStatusCode.OK)
    return ['status must be unset or ERROR: OK is the application to say'];
  if (status.code === SpanStatusCode.ERROR || attributes['error.type'] === undefined) return [];
  return ['status must be ERROR where error.type is set'];
}

function exceptionViolations(span: ReadableSpan): string[] {
  return span.events.flatMap(({ name, attributes = {} }) => {
    if (name !== 'exception') return [];
    const violations = attributeViolations(attributes);
    if (attributes['exception.type'] === undefined && attributes['exception.message'] === undefined) {
      violations.push('exception.type or exception.message is missing');
    }
    return violations.map((violation) => `exception event: ${violation}`);
  });
}
