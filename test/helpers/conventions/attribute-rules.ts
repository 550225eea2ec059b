import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { redactQuery, redactUrl } from '../../../packages/telemetry/src/process/secrets/redaction.ts';
import { KNOWN_METHODS } from '../../../packages/telemetry/src/road/http/http-url.ts';
import type { AttributeType } from './attributes.ts';
import { isCovered, SEMCONV_VERSION, typeOf } from './attributes.ts';

/** The violations of single attributes of any span: names, types and forms. */
export function attributeViolations(attributes: Attributes): string[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    const problem = value === undefined || !isCovered(key) ? undefined : problemOf(key, value);
    return problem === undefined ? [] : [`${key} ${problem}`];
  });
}

function problemOf(key: string, value: AttributeValue): string | undefined {
  const type = typeOf(key);
  if (type === undefined) return `is not an attribute of the conventions ${SEMCONV_VERSION}`;
  if (!hasType(value, type)) return `must be ${type}, not ${JSON.stringify(value)}`;
  if (value === '') return 'is empty';
  if (key.endsWith('.port')) return formOf(/^(?!0$)\d{1,5}$/, 'a port')(String(value));
  return FORMS[key]?.(String(value));
}

function hasType(value: AttributeValue, type: AttributeType): boolean {
  if (type === 'string') return typeof value === 'string';
  if (type === 'int') return Number.isInteger(value);
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

type Form = (value: string) => string | undefined;

function formOf(pattern: RegExp, expectation: string): Form {
  return (value) =>
    pattern.test(value) ? undefined : `must be ${expectation}, not ${JSON.stringify(value)}`;
}

const METHODS = [...[...KNOWN_METHODS].toSorted(), '_OTHER'];
const METHOD = new RegExp(`^(?:${METHODS.join('|')})$`);

const FORMS: Readonly<Record<string, Form>> = {
  'db.system.name': formOf(/^[a-z0-9_.]+$/, 'a lower-case name'),
  'error.type': formOf(/^\S{1,200}$/, 'a class of errors without white space'),
  'http.request.method': formOf(METHOD, `one of ${METHODS.join(', ')}`),
  'http.response.status_code': formOf(/^[1-5]\d\d$/, 'an HTTP status'),
  'http.route': formOf(/^[/*][^?]*$/, 'a route without a query'),
  'network.protocol.name': formOf(/^[^A-Z]+$/, 'lower case'),
  'url.path': formOf(/^(\/|\*$)[^?#]*$/, 'a path without a query'),
  'url.query': (value) => (value.startsWith('?') ? 'must not start with ?' : unredacted(value, redactQuery)),
  'url.scheme': formOf(/^[a-z][a-z0-9+.-]*$/, 'a scheme in lower case without a colon'),
  'url.template': formOf(/^[^?#]+$/, 'a path template without a query'),
  'url.full': fullUrl,
};

function fullUrl(value: string): string | undefined {
  if (URL.canParse(value)) return unredacted(value, redactUrl);
  return `must be an absolute URL, not ${JSON.stringify(value)}`;
}

function unredacted(value: string, redact: (text: string) => string): string | undefined {
  return redact(value) === value ? undefined : 'must have REDACTED for credentials and signatures';
}
