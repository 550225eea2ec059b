import type { ItemSearch } from './item-source.ts';
import { findItemsInJson } from './json/find-items.ts';
import type { DecodeLimits } from './limits.ts';
import { DECODE_LIMITS, Rejections } from './limits.ts';
import type { DecodedLogs } from './messages/logs.ts';
import type { DecodedTraces } from './messages/trace.ts';
import { findItemsInProtobuf } from './protobuf/find-items.ts';
import { logs } from './signals/logs.ts';
import type { Signal } from './signals/signal.ts';
import { traces } from './signals/traces.ts';

/** OTLP's encodings of a message. */
export type OtlpEncoding = 'protobuf' | 'json';

/** The Content-Type of each encoding. */
export const CONTENT_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** The encoding that a Content-Type names; undefined for any other Content-Type. */
export function encodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === CONTENT_TYPES.protobuf || mediaType === 'application/protobuf') return 'protobuf';
  return mediaType === CONTENT_TYPES.json ? 'json' : undefined;
}

/**
 * Reads an ExportTraceServiceRequest in either of OTLP's encodings. A span that cannot be read, or that holds too much,
 * is left out and counted; the others are read. Spans of protobuf keep views on `bytes`, so `bytes` must not change
 * afterwards.
 * @throws UndecodableError when anything around the spans is malformed; LimitError when there is too much
 */
export function decodeTraces(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits?: Partial<DecodeLimits>,
): DecodedTraces {
  return decode(traces, bytes, encoding, limits);
}

/** Reads an ExportLogsServiceRequest, as {@link decodeTraces} reads spans. @throws the same errors */
export function decodeLogs(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits?: Partial<DecodeLimits>,
): DecodedLogs {
  return decode(logs, bytes, encoding, limits);
}

/**
 * Finds the items of a request, so that a caller can read one item at a time and never holds all of them in memory. An item
 * that cannot be read, or that holds too much, is left out; the others are read. Items of protobuf keep views on `bytes`, so
 * `bytes` must not change afterwards.
 * @throws UndecodableError when anything around the items is malformed; LimitError when there is too much
 */
export function findItems<Item extends { readonly raw: Uint8Array }>(
  signal: Signal<Item, unknown, unknown>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits: DecodeLimits = DECODE_LIMITS,
): ItemSearch<Item> {
  return encoding === 'json'
    ? findItemsInJson(bytes, signal, limits)
    : findItemsInProtobuf(bytes, signal, limits);
}

function decode<Item extends { readonly raw: Uint8Array }, Group, Request>(
  signal: Signal<Item, Group, Request>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  given: Partial<DecodeLimits> = {},
): Request {
  const search = findItems(signal, bytes, encoding, { ...DECODE_LIMITS, ...given });
  let found = search.next();
  while (!found.done) found = search.next();
  const rejections = new Rejections(signal);
  let count = 0;
  const groups = found.value.map((source) => {
    const items: Item[] = [];
    let index = 0;
    for (let read = source.next(); read !== undefined; read = source.next()) {
      if (typeof read === 'string') rejections.add(source, index, read);
      else items.push(read.item);
      index++;
    }
    count += items.length;
    return signal.group(source.resource, source.scope, items);
  });
  return signal.request(groups, count, rejections.take(), rejections.reason);
}
