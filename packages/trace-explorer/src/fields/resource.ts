import type { IncomingHttpHeaders } from 'node:http';
import type { Attribute, Resource, Scope } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import type { FieldType, FieldValue } from './field-type.ts';
import { flattenAttributes } from './flatten.ts';
import { cutText, truncate } from './truncate.ts';

/** Bytes of a dataset's name, which is in each row and beside each of its fields. */
const MAX_NAME_BYTES = 255;
/** Forms of the keys of Honeycomb's classic environments: configuration keys, and ingest keys. */
const CLASSIC_KEY = /^(?:[0-9a-f]{32}|hc[a-z]ic_[0-9a-z]{58})$/u;

/**
 * The dataset that the spans of a resource are stored in, as in Honeycomb: its service name, `unknown_service` where there is
 * none.
 * @param named by the sender, with a key that makes it count: the dataset of all spans
 */
export function datasetName(attributes: readonly Attribute[], named?: string): string {
  return storedName(named ?? serviceOf(attributes) ?? 'unknown_service');
}

/**
 * The same of its log records: `unknown_log_source` where there is none.
 * @param named by the sender: the dataset of what has no service name
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
 * The dataset that a request's `x-honeycomb-dataset` names, as husky takes it (otlp/common.go): for log records without a
 * service name; for spans with a classic key only, which then all go there. Undefined where it counts for nothing.
 * @param headers of HTTP, or gRPC's metadata
 */
export function namedDataset(signal: 'traces' | 'logs', headers: IncomingHttpHeaders): string | undefined {
  if (signal === 'traces' && !CLASSIC_KEY.test(String(headers['x-honeycomb-team'] ?? ''))) return undefined;
  // Headers come as bytes, one to a character.
  const name = Buffer.from(String(headers['x-honeycomb-dataset'] ?? ''), 'latin1').toString();
  return name.trim() === '' ? undefined : name;
}

/** A dataset's name as it is stored: a long one is cut, with the whole one's hash at its end. */
export function storedName(name: string): string {
  return cutText(name, MAX_NAME_BYTES);
}

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
