import { findParts } from './decode-in-parts.ts';
import type { OtlpEncoding } from './encoding.ts';
import { Unread } from './json/unread.ts';
import type { DecodedLogs } from './messages/logs.ts';
import type { DecodedTraces } from './messages/trace.ts';
import { logs } from './signals/logs.ts';
import { traces } from './signals/traces.ts';

/**
 * Reads the requests of one or more signals out of one body, one after the other, each as `findParts`.
 * @param onRead called when no item of a JSON body needs its bytes any more, before the part that has the last one
 * @param label as of `findParts`
 * @throws UndecodableError; LimitError; both before the first part
 */
export function* decodeSignalsInParts(
  signals: readonly ('traces' | 'logs')[],
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  onRead: () => void,
  label?: string,
): Generator<DecodedTraces | DecodedLogs | undefined, void> {
  const unread = new Unread(onRead);
  const found: Generator<DecodedTraces | DecodedLogs | undefined, void>[] = [];
  for (const signal of signals) {
    const search =
      signal === 'traces'
        ? findParts(traces, bytes, encoding, unread, label)
        : findParts(logs, bytes, encoding, unread, label);
    found.push(yield* search);
  }
  unread.complete();
  for (const parts of found) yield* parts;
}
