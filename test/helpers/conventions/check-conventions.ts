import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { attributeViolations } from './attribute-rules.ts';

type SpanModel = 'span.http.server' | 'span.http.client' | 'span.db.client' | 'span';

/** Allowed span kinds of a model. A model without an entry allows all kinds. INTERNAL: databases in the process. */
const KINDS: Readonly<Partial<Record<SpanModel, readonly string[]>>> = {
  'span.http.server': ['SERVER'],
  'span.http.client': ['CLIENT'],
  'span.db.client': ['CLIENT', 'INTERNAL'],
};

const REQUIRED: Readonly<Record<SpanModel, readonly string[]>> = {
  'span.http.server': ['http.request.method', 'url.path', 'url.scheme'],
  'span.http.client': ['http.request.method', 'server.address', 'server.port', 'url.full'],
  'span.db.client': ['db.system.name'],
  span: [],
};

/**
 * Checks a finished span by the OpenTelemetry semantic conventions (`SEMCONV_VERSION`) for HTTP, URL, server, network,
 * database, exception and error attributes: required and conditionally required attributes, types and forms, span kind,
 * name, status. Returns one readable line per violation. Attributes of other namespaces belong to the application and are
 * not checked.
 */
export function checkConventions(span: ReadableSpan): string[] {
  const model = modelOf(span);
  const violations = [
    ...requirementViolations(span, model),
    ...attributeViolations(span.attributes),
    ...statusViolations(span, model),
    ...exceptionViolations(span),
  ];
  const kind = SpanKind[span.kind] ?? '';
  const kinds = KINDS[model];
  if (kinds?.includes(kind) === false)
    violations.push(`kind must be ${kinds.join(' or ')} for ${model}, not ${kind}`);
  const name = model === 'span.db.client' ? span.attributes['db.query.summary'] : httpName(span, model);
  if (name !== undefined && name !== span.name)
    violations.push(`name must be ${JSON.stringify(name)}, not ${JSON.stringify(span.name)}`);
  return violations;
}

/** Chooses the model by attributes and kind. */
function modelOf({ attributes, kind }: ReadableSpan): SpanModel {
  const keys = Object.keys(attributes);
  if (keys.some((key) => key.startsWith('db.'))) return 'span.db.client';
  const isEdge = kind === SpanKind.SERVER || kind === SpanKind.CLIENT;
  const isHttp =
    'http.request.method' in attributes || (isEdge && keys.some((key) => /^(?:http|url)\./.test(key)));
  if (!isHttp) return 'span';
  return kind === SpanKind.CLIENT ? 'span.http.client' : 'span.http.server';
}

/** Missing required attributes, as far as a finished span shows. */
function requirementViolations(span: ReadableSpan, model: SpanModel): string[] {
  const { attributes, status } = span;
  const violations = REQUIRED[model]
    .filter((key) => attributes[key] === undefined)
    .map((key) => `${key} is missing: ${model} requires it`);
  const require = (key: string, isRequired: boolean, condition: string) => {
    if (isRequired && attributes[key] === undefined)
      violations.push(`${key} is missing: ${model} requires it when ${condition}`);
  };
  const hasFailed = status.code === SpanStatusCode.ERROR;
  require('error.type', hasFailed, 'the operation has ended with an error');
  const { 'http.request.method': method, 'server.address': address } = attributes;
  require('http.request.method_original', method === '_OTHER', 'it differs from http.request.method');
  if (model === 'span.http.server') {
    // A finished request has a status, because the server has sent one, unless the server failed or the client left.
    require('http.response.status_code', !hasFailed && !hasLeft(span), 'one was sent');
    const isPort = typeof address === 'string' && !address.startsWith('/'); // a socket in the file system has none
    require('server.port', isPort, 'it is available and server.address is set');
  }
  return violations;
}

/** Whether the client of a server has left, which is not an error of the server (ADR 2). */
function hasLeft({ kind, attributes }: ReadableSpan): boolean {
  return kind === SpanKind.SERVER && attributes['error.type'] === 'client_disconnected';
}

/** Recording errors: instrumentation leaves the status unset or says Error, and `error.type` goes with Error only. */
function statusViolations(span: ReadableSpan, model: SpanModel): string[] {
  const { attributes, status } = span;
  if (status.code === SpanStatusCode.OK)
    return ['status must be unset or ERROR: OK is the application to say'];
  const { 'error.type': errorType, 'http.response.status_code': code } = attributes;
  const violations: string[] = [];
  const hasFailed = status.code === SpanStatusCode.ERROR;
  if (!hasFailed && errorType !== undefined && !hasLeft(span))
    violations.push('status must be ERROR where error.type is set');
  if (typeof code !== 'number' || !model.startsWith('span.http.')) return violations;
  const isError = code >= (model === 'span.http.server' ? 500 : 400);
  const saysCode = errorType === String(code);
  if (isError && !hasFailed) violations.push(`status must be ERROR for a response of ${code}`);
  else if (!isError && hasFailed && (saysCode || errorType === undefined))
    violations.push(`status must be unset for a response of ${code} without another error`);
  else if (hasFailed && saysCode && status.message)
    violations.push('status must have no description where the response status says it all');
  return violations;
}

function exceptionViolations(span: ReadableSpan): string[] {
  return span.events.flatMap(({ name, attributes = {} }) => {
    if (name !== 'exception') return [];
    const violations = attributeViolations(attributes);
    if (attributes['exception.type'] === undefined && attributes['exception.message'] === undefined)
      violations.push('exception.type or exception.message is missing');
    return violations.map((violation) => `exception event: ${violation}`);
  });
}

function httpName({ attributes }: ReadableSpan, model: SpanModel): string | undefined {
  const { 'http.request.method': method } = attributes;
  if (typeof method !== 'string') return undefined;
  const target = attributes[model === 'span.http.server' ? 'http.route' : 'url.template'];
  const start = method === '_OTHER' ? 'HTTP' : method;
  return target === undefined ? start : `${start} ${target}`;
}
