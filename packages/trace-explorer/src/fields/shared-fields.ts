import type { Resource, Scope } from '@tandem/otlp';
import type { FieldType, FieldValue } from './field-type.ts';
import { flattenAttributes } from './flatten.ts';
import { truncate } from './truncate.ts';

export interface SharedField {
  readonly type: FieldType;
  readonly value: FieldValue;
}

/** The fields of a resource and its scope by name: made once, however many rows have them. */
export type SharedFields = ReadonlyMap<string, SharedField>;

/** By the decoded messages, which are one request's, and so one signal's: a large request comes in parts that have them in common. */
const made = new WeakMap<Resource, WeakMap<Scope, SharedFields>>();

/** What every row of a resource and scope has, after husky's otlp/common.go; the scope's fields replace the resource's. */
export function sharedFields(resource: Resource, scope: Scope, signal: 'trace' | 'log'): SharedFields {
  const ofResource = made.get(resource) ?? new WeakMap<Scope, SharedFields>();
  const known = ofResource.get(scope);
  if (known !== undefined) return known;
  const fields = makeFields(resource, scope, signal);
  made.set(resource, ofResource.set(scope, fields));
  return fields;
}

function makeFields(resource: Resource, scope: Scope, signal: 'trace' | 'log'): SharedFields {
  const fields = new Map<string, SharedField>();
  const set = (name: string, type: FieldType, value: FieldValue) => fields.set(name, { type, value });
  flattenAttributes(resource.attributes, { set }, signal);
  if (resource.schemaUrl !== '') set('resource.schema_url', 'string', truncate(resource.schemaUrl));
  if (scope.name !== '') {
    set('library.name', 'string', truncate(scope.name));
    if (INSTRUMENTATION_PREFIXES.some((prefix) => scope.name.startsWith(prefix)))
      set('telemetry.instrumentation_library', 'boolean', true);
  }
  if (scope.version !== '') set('library.version', 'string', truncate(scope.version));
  flattenAttributes(scope.attributes, { set }, signal);
  if (scope.schemaUrl !== '') set('scope.schema_url', 'string', truncate(scope.schemaUrl));
  set('meta.signal_type', 'string', signal);
  return fields;
}

/** husky's list of scopes that are instrumentation libraries. */
const INSTRUMENTATION_PREFIXES = [
  'io.opentelemetry',
  'opentelemetry.instrumentation',
  'OpenTelemetry.Instrumentation',
  'OpenTelemetry::Instrumentation',
  'go.opentelemetry.io/contrib/instrumentation',
  '@opentelemetry/instrumentation',
  'github.com/open-telemetry/opentelemetry-collector',
  '@honeycombio/',
];
