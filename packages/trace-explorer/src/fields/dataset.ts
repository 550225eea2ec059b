import type { IncomingHttpHeaders } from 'node:http';
import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
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
