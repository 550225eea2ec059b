import type { Size } from './budget.ts';
import { Budget } from './budget.ts';
import type { OtlpEncoding } from './encoding.ts';
import type { ItemRead, ItemSearch, ItemSource } from './item-source.ts';
import { PAUSE } from './item-source.ts';
import { findItemsInJson } from './json/find-items.ts';
import type { Unread } from './json/unread.ts';
import type { DecodeLimits } from './limits.ts';
import { DECODE_LIMITS } from './limits.ts';
import { findItemsInProtobuf } from './protobuf/find-items.ts';
import { Rejections } from './rejections.ts';
import type { Signal } from './signals/signal.ts';

/**
 * Finds a request's items; then they are read part by part, so that a large request needs neither the memory nor the time
 * of all its items at once. An item that cannot be read, or that holds too much, is left out and counted; it costs none
 * of the others. Of protobuf, items keep views on `bytes`, which must not change afterwards.
 * @param unread counts the items of a JSON body
 * @param label a member of ResourceSpans or ResourceLogs in JSON that OTLP does not have: its text is with their groups
 * @returns the parts, of which there is at least one; undefined is a pause without a part, as it is meanwhile.
 *   `rejectedCount` is a part's own, `rejectedReason` is about the request so far
 * @throws UndecodableError when anything around the items is malformed; LimitError when there is too much; both before
 *   the first part
 */
export function* findParts<Item extends { readonly raw: Uint8Array }, Group, Request>(
  signal: Signal<Item, Group, Request>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  unread?: Unread,
  label?: string,
): Generator<undefined, Generator<Request | undefined, void>> {
  const sources = yield* find(signal, bytes, encoding, DECODE_LIMITS, unread, label);
  return readParts(signal, sources, DECODE_LIMITS, true);
}

/** Reads an export request at once; otherwise as `findParts`. */
export function decodeWhole<Item extends { readonly raw: Uint8Array }, Group, Request>(
  signal: Signal<Item, Group, Request>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  given: Partial<DecodeLimits> = {},
): Request {
  const limits = { ...DECODE_LIMITS, ...given };
  const search = find(signal, bytes, encoding, limits);
  let found = search.next();
  while (!found.done) found = search.next();
  for (const part of readParts(signal, found.value, limits, false)) if (part !== undefined) return part;
  throw new Error('There is at least one part');
}

function find<Item extends { readonly raw: Uint8Array }>(
  signal: Signal<Item, unknown, unknown>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits: DecodeLimits,
  unread?: Unread,
  label?: string,
): ItemSearch<Item> {
  return encoding === 'json'
    ? findItemsInJson(bytes, signal, limits, unread, label)
    : findItemsInProtobuf(bytes, signal, limits);
}

function* readParts<Item extends { readonly raw: Uint8Array }, Group, Request>(
  signal: Signal<Item, Group, Request>,
  sources: readonly ItemSource<Item>[],
  limits: DecodeLimits,
  isInParts: boolean,
): Generator<Request | undefined, void> {
  const rejections = new Rejections(signal);
  const budget = new Budget(limits, signal.item);
  let groups: Group[] = [];
  let count = 0;
  let isFirst = true;

  function endPart(): Request {
    const part = signal.request(groups, count, rejections.take(), rejections.reason);
    groups = [];
    count = 0;
    isFirst = false;
    return part;
  }

  function* pause(): Generator<undefined, void> {
    budget.stopClock();
    yield undefined;
    budget.startClock();
  }

  for (const source of sources) {
    const { resource, scope, label, resourceIndex, scopeIndex } = source;
    const sharedBytes = Math.min(resource.raw.byteLength + scope.raw.byteLength, limits.maxSharedRowBytes);
    let items: Item[] = [];
    groups.push(signal.group(resource, scope, items, label));
    for (let index = 0; ; ) {
      const read = source.next();
      if (read === undefined) break;
      if (read === PAUSE) {
        yield* pause();
        continue;
      }
      const reason =
        typeof read === 'string'
          ? read
          : budget.refuses(rowSizeOf(read, signal.furtherRows(read.item), sharedBytes));
      if (typeof read !== 'string' && reason === undefined) {
        items.push(read.item);
        count++;
      } else rejections.add(resourceIndex, scopeIndex, index, reason ?? '');
      index++;
      if (!budget.isPartFull()) {
        if (isInParts && budget.isSliceFull()) yield* pause();
        continue;
      }
      budget.stopClock();
      if (isInParts) {
        yield endPart();
        items = [];
        groups.push(signal.group(resource, scope, items, label));
      }
      budget.startPart();
    }
  }
  if (isFirst || rejections.hasUntaken || count > 0) yield endPart();
}

/** An item's rows, every one with the fields of resource and scope. */
function rowSizeOf(
  { item, values }: ItemRead<{ readonly raw: Uint8Array }>,
  further: { readonly count: number; readonly bytes: number },
  sharedBytes: number,
): Size {
  return {
    values,
    bytes: item.raw.byteLength + sharedBytes + further.count * (sharedBytes + further.bytes),
  };
}
