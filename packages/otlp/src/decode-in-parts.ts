import type { OtlpEncoding } from './encoding.ts';
import type { ItemRead, ItemSearch, ItemSource } from './item-source.ts';
import { PAUSE } from './item-source.ts';
import { findItemsInJson } from './json/find-items.ts';
import type { Unread } from './json/unread.ts';
import type { DecodeLimits } from './limits.ts';
import { DECODE_LIMITS, readable } from './limits.ts';
import { findItemsInProtobuf } from './protobuf/find-items.ts';
import { Rejections } from './rejections.ts';
import type { Signal } from './signals/signal.ts';

/** A part ends with whichever of these comes first: a hundredth of a second of decoding, some 30 MB of memory. */
const PART_ITEMS = 2_048;
const PART_VALUES = 131_072;
const PART_BYTES = 16 * 1024 * 1024;

/** Items and bytes of them that are read between two pauses: a few milliseconds. */
const SLICE_ITEMS = 256;
const SLICE_BYTES = 1024 * 1024;

/**
 * Reads an export request part by part, so that a large one needs neither the memory nor the time of all its items at
 * once; undefined is a pause without a part. An item that cannot be read, or that holds too much, is left out and
 * counted; it costs none of the others. `rejectedCount` is a part's own, `rejectedReason` is about the request so far.
 * There is at least one part. Of protobuf, items keep views on `bytes`, which must not change afterwards.
 * @throws UndecodableError when anything around the items is malformed; LimitError when there is too much; both before
 *   the first part
 */
export function* decodeInParts<Item extends { readonly raw: Uint8Array }, Group, Request>(
  signal: Signal<Item, Group, Request>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits: Partial<DecodeLimits> = {},
): Generator<Request | undefined, void> {
  yield* decode(signal, bytes, encoding, { ...DECODE_LIMITS, ...limits }, true);
}

/**
 * Finds a request's items, as `decodeInParts` does first.
 * @param unread counts the items of a JSON body
 * @returns the parts, still to be read
 * @throws UndecodableError; LimitError
 */
export function* findParts<Item extends { readonly raw: Uint8Array }, Group, Request>(
  signal: Signal<Item, Group, Request>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  unread: Unread,
): Generator<undefined, Generator<Request | undefined, void>> {
  const sources = yield* find(signal, bytes, encoding, DECODE_LIMITS, unread);
  return readParts(signal, sources, DECODE_LIMITS, true);
}

/** Reads an export request at once; otherwise as `decodeInParts`. */
export function decodeWhole<Item extends { readonly raw: Uint8Array }, Group, Request>(
  signal: Signal<Item, Group, Request>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits: Partial<DecodeLimits> = {},
): Request {
  for (const part of decode(signal, bytes, encoding, { ...DECODE_LIMITS, ...limits }, false))
    if (part !== undefined) return part;
  throw new Error('There is at least one part');
}

function* decode<Item extends { readonly raw: Uint8Array }, Group, Request>(
  signal: Signal<Item, Group, Request>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits: DecodeLimits,
  isInParts: boolean,
): Generator<Request | undefined, void> {
  const sources = yield* find(signal, bytes, encoding, limits);
  yield* readParts(signal, sources, limits, isInParts);
}

function find<Item extends { readonly raw: Uint8Array }>(
  signal: Signal<Item, unknown, unknown>,
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits: DecodeLimits,
  unread?: Unread,
): ItemSearch<Item> {
  return encoding === 'json'
    ? findItemsInJson(bytes, signal, limits, unread)
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
    const { resource, scope, resourceIndex, scopeIndex } = source;
    const sharedBytes = Math.min(resource.raw.byteLength + scope.raw.byteLength, limits.maxSharedRowBytes);
    let items: Item[] = [];
    groups.push(signal.group(resource, scope, items));
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
        groups.push(signal.group(resource, scope, items));
      }
      budget.startPart();
    }
  }
  if (isFirst || rejections.hasUntaken || count > 0) yield endPart();
}

/** What something takes in rows. */
interface Size {
  readonly values: number;
  readonly bytes: number;
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

/** What of a request's limits is used up, and how full its current part is. */
class Budget {
  readonly #limits: DecodeLimits;
  #values = 0;
  #bytes = 0;
  #milliseconds = 0;
  readonly #item: string;
  #part = { items: 0, values: 0, bytes: 0 };
  /** The same of what was read since the last pause. */
  #slice = { items: 0, bytes: 0 };
  #since = performance.now();

  constructor(limits: DecodeLimits, item: string) {
    this.#limits = limits;
    this.#item = item;
  }

  /** Counts an item's rows; says why it has to be left out. */
  refuses({ values, bytes }: Size): string | undefined {
    const { maxItemRowBytes, maxRowValues, maxRowBytes, maxMilliseconds } = this.#limits;
    if (bytes > maxItemRowBytes) return tooLarge(`the ${this.#item}`, maxItemRowBytes, 'bytes');
    if (this.#values + values > maxRowValues) return tooLarge('the request', maxRowValues, 'values');
    if (this.#bytes + bytes > maxRowBytes) return tooLarge('the request', maxRowBytes, 'bytes');
    if (this.#milliseconds > maxMilliseconds)
      return `decoding the request took longer than ${readable(maxMilliseconds)} ms`;
    this.#values += values;
    this.#bytes += bytes;
    this.#part.values += values;
    this.#part.bytes += bytes;
    this.#slice.bytes += bytes;
    return undefined;
  }

  /** To be asked once after each item, good or bad. */
  isPartFull(): boolean {
    const { items, values, bytes } = this.#part;
    this.#part.items++;
    return items + 1 >= PART_ITEMS || values >= PART_VALUES || bytes >= PART_BYTES;
  }

  /** Whether others should have their turn; to be asked once after each item. */
  isSliceFull(): boolean {
    this.#slice.items++;
    return this.#slice.items >= SLICE_ITEMS || this.#slice.bytes >= SLICE_BYTES;
  }

  /** The time until `startClock` belongs to others. */
  stopClock(): void {
    this.#milliseconds += performance.now() - this.#since;
  }

  startClock(): void {
    this.#slice = { items: 0, bytes: 0 };
    this.#since = performance.now();
  }

  startPart(): void {
    this.#part = { items: 0, values: 0, bytes: 0 };
    this.startClock();
  }
}

function tooLarge(what: string, limit: number, unit: string): string {
  return `the rows of ${what}, which all have the fields of their resource, hold more than ${readable(limit)} ${unit}`;
}
