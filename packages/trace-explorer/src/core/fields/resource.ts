import type { IncomingHttpHeaders } from 'node:http';
import type { Attribute, Resource, Scope } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import type { FieldType, FieldValue, SignalType } from './field-type.ts';
import { flattenAttributes } from './flatten.ts';
import { cutText, truncate } from './truncate.ts';

/** Bytes of a dataset's name. Each row and each field of the dataset repeats the name. */
const MAX_NAME_BYTES = 255;
/** The forms of keys of Honeycomb's classic environments: configuration keys and ingest keys. */
const CLASSIC_KEY = /^(?:[0-9a-f]{32}|hc[a-z]ic_[0-9a-z]{58})$/u;

/**
 * The dataset that stores the spans of a resource, as in Honeycomb: the service name, or `unknown_service` without one.
 * @param named the dataset of all spans, when the sender's key lets the sender choose one
 */
export function datasetName(attributes: readonly Attribute[], named?: string): string {
  return storedName(named ?? serviceOf(attributes) ?? 'unknown_service');
}

/**
 * The dataset that stores the log records of a resource: the service name, or `unknown_log_source` without one.
 * @param named the sender's dataset for log records without a service name
 */
export function logsDatasetName(attributes: readonly Attribute[], named?: string): string {
  return storedName(serviceOf(attributes) ?? named ?? 'unknown_log_source');
}

function serviceOf(attributes: readonly Attribute[]): string | undefined {
  let name = '';
  for (const attribute of attributes) {
    if (attribute.key === 'service.name' && attribute.kind === ValueKind.string) {
      name = (attribute.value as string).trim();
    }
  }
  return name === '' || name.startsWith('unknown_service') ? undefined : truncate(name);
}

/**
 * The dataset that a request's `x-honeycomb-dataset` names, as husky reads the header (otlp/common.go). The dataset counts for
 * log records without a service name. For spans it counts only with a classic key, and then for all of them. Undefined when it
 * does not count.
 * @param headers of HTTP, or gRPC's metadata
 */
export function namedDataset(signal: 'traces' | 'logs', headers: IncomingHttpHeaders): string | undefined {
  if (signal === 'traces' && !CLASSIC_KEY.test(String(headers['x-honeycomb-team'] ?? ''))) return undefined;
  // Each character of a header's value is one byte.
  const name = Buffer.from(String(headers['x-honeycomb-dataset'] ?? ''), 'latin1').toString();
  return name.trim() === '' ? undefined : name;
}

/** A dataset's name in the store. A long name ends with a hash of the whole name. */
export function storedName(name: string): string {
  return cutText(name, MAX_NAME_BYTES);
}

export interface SharedField {
  readonly type: FieldType;
  readonly value: FieldValue;
}

/** The fields of a resource and its scope, by name, once for all rows. */
export type SharedFields = ReadonlyMap<string, SharedField>;

/**
 * The key is a decoded message, so it belongs to one request and one signal. The parts of a large request share their messages.
 */
const made = new WeakMap<Resource, WeakMap<Scope, SharedFields>>();

/** The fields of every row of a resource and scope, after husky's otlp/common.go. The scope's fields replace the resource's. */
export function sharedFields(resource: Resource, scope: Scope, signal: SignalType): SharedFields {
  const byScope = made.get(resource) ?? new WeakMap<Scope, SharedFields>();
  const known = byScope.get(scope);
  if (known !== undefined) return known;
  const fields = makeFields(resource, scope, signal);
  made.set(resource, byScope.set(scope, fields));
  return fields;
}

function makeFields(resource: Resource, scope: Scope, signal: SignalType): SharedFields {
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
