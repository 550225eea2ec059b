import type { IncomingHttpHeaders } from 'node:http';
import type { Signal } from '../store/export-request.ts';

/** Forms of the keys of Honeycomb's classic environments: configuration keys, and ingest keys. */
const CLASSIC_KEY = /^(?:[0-9a-f]{32}|hc[a-z]ic_[0-9a-z]{58})$/u;

/**
 * The dataset that a request's `x-honeycomb-dataset` names, as husky takes it (otlp/common.go): for log records without a
 * service name; for spans with a classic key only, which then all go there. Undefined where it counts for nothing.
 * @param headers of HTTP, or gRPC's metadata
 */
export function namedDataset(signal: Signal, headers: IncomingHttpHeaders): string | undefined {
  if (signal === 'traces' && !CLASSIC_KEY.test(String(headers['x-honeycomb-team'] ?? ''))) return undefined;
  // Headers come as bytes, one to a character.
  const name = Buffer.from(String(headers['x-honeycomb-dataset'] ?? ''), 'latin1').toString();
  return name.trim() === '' ? undefined : name;
}
