import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '../../opentelemetry/sdk.ts';

/** The name, status and protocol rules of HTTP spans. */
export function httpViolations(span: ReadableSpan, isServer: boolean): string[] {
  return [
    ...nameViolations(span, isServer),
    ...methodViolations(span),
    ...statusViolations(span, isServer),
    ...protocolViolations(span),
  ];
}

function nameViolations({ name, attributes }: ReadableSpan, isServer: boolean): string[] {
  const method = attributes['http.request.method'];
  if (typeof method !== 'string') return [];
  const target = attributes[isServer ? 'http.route' : 'url.template'];
  const start = method === '_OTHER' ? 'HTTP' : method;
  const expected = target === undefined ? start : `${start} ${target}`;
  return name === expected ? [] : [`name must be ${JSON.stringify(expected)}, not ${JSON.stringify(name)}`];
}

function methodViolations({ attributes }: ReadableSpan): string[] {
  const original = attributes['http.request.method_original'];
  if (original === undefined || original !== attributes['http.request.method']) return [];
  return ['http.request.method_original must only be set where it differs from http.request.method'];
}

function statusViolations({ attributes, status }: ReadableSpan, isServer: boolean): string[] {
  const code = attributes['http.response.status_code'];
  if (typeof code !== 'number') return [];
  const failed = status.code === SpanStatusCode.ERROR;
  const isError = code >= (isServer ? 500 : 400);
  if (isError && !failed) return [`status must be ERROR for a response of ${code}`];
  const errorType = attributes['error.type'];
  const saysCode = errorType === String(code);
  if (!isError && failed && (saysCode || errorType === undefined)) {
    return [`status must be unset for a response of ${code} without another error`];
  }
  if (failed && saysCode && status.message) {
    return ['status must have no description where the response status says it all'];
  }
  return [];
}

function protocolViolations({ attributes }: ReadableSpan): string[] {
  const version = attributes['network.protocol.version'];
  const name = attributes['network.protocol.name'] ?? 'http';
  if (version === undefined || name !== 'http' || HTTP_VERSIONS.includes(String(version))) return [];
  return [
    `network.protocol.version must be one of ${HTTP_VERSIONS.join(', ')}, not ${JSON.stringify(version)}`,
  ];
}

const HTTP_VERSIONS = ['0.9', '1.0', '1.1', '2', '3'];
