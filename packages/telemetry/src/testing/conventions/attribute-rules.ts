import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { AttributeType } from './attributes.ts';
import { ATTRIBUTES, DEPRECATED, NAMESPACES, SENSITIVE_QUERY_KEYS, TEMPLATES, VALUES } from './attributes.ts';

/** What is wrong with single attributes, whatever the span: names, types and forms. */
export function attributeViolations(attributes: Attributes): string[] {
  const violations: string[] = [];
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || !isCovered(key)) continue;
    const problem = problemOf(key, value);
    if (problem !== undefined) violations.push(`${key} ${problem}`);
  }
  return violations;
}

function isCovered(key: string): boolean {
  return NAMESPACES.some((namespace) => key.startsWith(`${namespace}.`));
}

function problemOf(key: string, value: AttributeValue): string | undefined {
  const type = typeOf(key);
  if (type === undefined) {
    if (!(key in DEPRECATED)) return 'is not an attribute of the conventions';
    const successor = DEPRECATED[key];
    return successor === undefined ? 'is deprecated' : `is deprecated: use ${successor}`;
  }
  if (!hasType(value, type)) return `must be ${type}, not ${JSON.stringify(value)}`;
  if (value === '') return 'is empty';
  const allowed = VALUES[key];
  if (allowed !== undefined && !allowed.includes(String(value))) {
    return `must be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`;
  }
  const form = FORMS[key];
  return form === undefined ? undefined : form(String(value));
}

function typeOf(key: string): AttributeType | undefined {
  const type = ATTRIBUTES[key];
  if (type !== undefined) return type;
  const template = Object.keys(TEMPLATES).find((prefix) => key.startsWith(prefix) && key !== prefix);
  return template === undefined ? undefined : TEMPLATES[template];
}

function hasType(value: AttributeValue, type: AttributeType): boolean {
  if (type === 'string') return typeof value === 'string';
  if (type === 'int') return Number.isInteger(value);
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

type Form = (value: string) => string | undefined;

const matching =
  (pattern: RegExp, expectation: string): Form =>
  (value) =>
    pattern.test(value) ? undefined : `must be ${expectation}, not ${JSON.stringify(value)}`;

const port: Form = (value) => {
  const number = Number(value);
  return number >= 1 && number <= 65_535 ? undefined : `must be a port, not ${value}`;
};

const FORMS: Readonly<Record<string, Form>> = {
  'client.port': port,
  'network.local.port': port,
  'network.peer.port': port,
  'server.port': port,
  'db.system.name': matching(/^[a-z0-9_.]+$/, 'a lower-case name'),
  'error.type': matching(/^\S{1,200}$/, 'a class of errors without white space'),
  'http.response.status_code': matching(/^[1-5]\d\d$/, 'an HTTP status'),
  'http.route': matching(/^[/*][^?]*$/, 'a route without a query'),
  'network.protocol.name': matching(/^[^A-Z]+$/, 'lower case'),
  'network.protocol.version': matching(/^[^A-Z]+$/, 'lower case'),
  'url.path': matching(/^(\/|\*$)[^?#]*$/, 'a path without a query'),
  'url.query': (value) => (value.startsWith('?') ? 'must not start with ?' : sensitiveQuery(value)),
  'url.scheme': matching(/^[a-z][a-z0-9+.-]*$/, 'a scheme in lower case without a colon'),
  'url.template': matching(/^[^?#]+$/, 'a path template without a query'),
  'url.full': fullUrl,
};

function fullUrl(value: string): string | undefined {
  const url = URL.parse(value);
  if (url === null) return `must be an absolute URL, not ${JSON.stringify(value)}`;
  const credentials = [url.username, url.password].filter((part) => part !== '' && part !== 'REDACTED');
  if (credentials.length > 0) return 'must not have credentials: they read REDACTED';
  return sensitiveQuery(url.search.slice(1));
}

function sensitiveQuery(query: string): string | undefined {
  for (const [key, value] of new URLSearchParams(query)) {
    if (SENSITIVE_QUERY_KEYS.includes(key) && value !== 'REDACTED') return `must have REDACTED for ${key}`;
  }
  return undefined;
}
