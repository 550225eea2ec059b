import type {
  DecodedLogs,
  DecodedTraces,
  ItemRead,
  ItemSource,
  OtlpEncoding,
  OtlpSignal,
} from '@tandem/otlp';
import { findItems, logs, Rejections, traces } from '@tandem/otlp';
import { yieldToEventLoop } from '../../../lib/node/task-queue.ts';
import type { ExportRequest } from '../../store/store.ts';
import { SMALL_BYTES } from '../body.ts';
import type { IncomingBody } from '../incoming-body.ts';
import { notUnderstood } from './not-understood.ts';

/** Limits for the rows of one request. Real bodies of 20 MiB stay below all limits; see docs/reference/limits.md. */
export interface RowLimits {
  /** Bytes of an item's message, with the messages of its resource and scope. */
  readonly maxItemBytes: number;
  /** Bytes of one item's rows: each event and link of a span is a row, with fields of its resource and scope. */
  readonly maxItemRowBytes: number;
  /** Most bytes of resource and scope in a row. Fields beyond the limit are left out, and cost nothing per row. */
  readonly maxSharedRowBytes: number;
  /** Values of all rows of a request. Values of resources and scopes do not count, because rows share them. */
  readonly maxRowValues: number;
  readonly maxRowBytes: number;
}

const ROW_LIMITS: RowLimits = Object.freeze({
  maxItemBytes: 4 * 1024 * 1024,
  maxItemRowBytes: 64 * 1024 * 1024,
  maxSharedRowBytes: 16 * 1024,
  maxRowValues: 16_777_216,
  maxRowBytes: 4 * 1024 * 1024 * 1024,
});

/** A part ends with the first of these limits: a hundredth of a second of decoding, some 30 MB of memory. */
const PART_ITEMS = 2_048;
const PART_VALUES = 131_072;
const PART_BYTES = 16 * 1024 * 1024;

/** Items, and their bytes, between two pauses: a few milliseconds. */
const SLICE_ITEMS = 256;
const SLICE_BYTES = 1024 * 1024;

interface Size {
  readonly values: number;
  readonly bytes: number;
  /** Bytes of the message, with its resource and scope. */
  readonly messageBytes: number;
}

export interface BodyToDecode {
  /** With several signals, each signal reads its own lists of the body in turn. */
  readonly signals: readonly ('traces' | 'logs')[];
  readonly bytes: Uint8Array;
  readonly encoding: OtlpEncoding;
  /** Called when the last item of JSON was read: the parts keep no view on the body. */
  readonly onRead?: () => void;
  readonly limits?: Partial<RowLimits>;
}

type Item = { readonly raw: Uint8Array };
type Parts = Generator<ExportRequest | undefined, void>;

/**
 * Reads a body part by part, so that a large body needs neither the memory nor the time of all items at once. An item
 * is left out and counted when it cannot be read, or its rows would be too large. Items of protobuf keep views on
 * `bytes`, which must not change afterwards.
 * @returns the parts, at least one for each signal; undefined is a pause without a part. `rejectedCount` is about the
 * part alone, `rejectedReason` about the request so far
 * @throws UndecodableError when anything around the items is malformed; LimitError; both before the first part
 */
export function* decodeParts(body: BodyToDecode): Parts {
  const found: FoundParts[] = [];
  for (const signal of body.signals) {
    found.push(signal === 'traces' ? yield* findParts(traces, body) : yield* findParts(logs, body));
  }
  const last = body.encoding === 'json' ? found.findLast(({ isEmpty }) => !isEmpty) : undefined;
  const isNothing = body.encoding === 'json' && last === undefined;
  const reason = isNothing ? notUnderstood(body.bytes, body.signals) : undefined;
  for (const each of found) yield* each.read(() => each === last && body.onRead?.(), reason);
}

/** The items that were found of a signal. */
interface FoundParts {
  readonly isEmpty: boolean;
  /** @param onRead called when the last item was read @param nothing why there is no item */
  read(onRead: () => void, nothing?: string): Parts;
}

/** Finds a signal's items. Reads no item. */
export function* findParts<Read extends Item, Group, Request extends DecodedTraces | DecodedLogs>(
  signal: OtlpSignal<Read, Group, Request>,
  { bytes, encoding, limits }: Omit<BodyToDecode, 'signals'>,
): Generator<undefined, FoundParts> {
  const all = { ...ROW_LIMITS, ...limits };
  const sources = yield* findItems(signal, bytes, encoding);
  return {
    isEmpty: sources.length === 0,
    read: (onRead, nothing) => readParts(signal, sources, all, { onRead, nothing }),
  };
}

function* readParts<Read extends Item, Group, Request extends DecodedTraces | DecodedLogs>(
  signal: OtlpSignal<Read, Group, Request>,
  sources: readonly ItemSource<Read>[],
  limits: RowLimits,
  { onRead, nothing = '' }: { readonly onRead: () => void; readonly nothing?: string | undefined },
): Parts {
  const rejections = new Rejections(signal);
  const budget = new Budget(limits, signal.item);
  let groups: Group[] = [];
  let count = 0;
  let isFirst = true;

  function endPart(): ExportRequest {
    const part = signal.request(groups, count, rejections.take(), rejections.reason || nothing);
    groups = [];
    count = 0;
    isFirst = false;
    return part;
  }

  for (const source of sources) {
    const { resource, scope } = source;
    const sharedBytes = Math.min(resource.raw.byteLength + scope.raw.byteLength, limits.maxSharedRowBytes);
    let items: Read[] = [];
    groups.push(signal.group(resource, scope, items));
    let index = 0;
    for (let read = source.next(); read !== undefined; read = source.next()) {
      const reason = typeof read === 'string' ? read : budget.refuses(rowSizeOf(read, source, sharedBytes));
      if (typeof read !== 'string' && reason === undefined) {
        items.push(read.item);
        count++;
      } else rejections.add(source, index, reason ?? '');
      index++;
      const pause = budget.pauseAfterItem();
      if (pause === 'part') {
        yield endPart();
        items = [];
        groups.push(signal.group(resource, scope, items));
      } else if (pause === 'slice') yield undefined;
    }
  }
  onRead();
  if (isFirst || rejections.hasUntaken || count > 0) yield endPart();
}

/** The used share of a request's limits, and the size of the current part. */
class Budget {
  readonly #limits: RowLimits;
  readonly #item: string;
  #values = 0;
  #bytes = 0;
  #part = { items: 0, values: 0, bytes: 0 };
  /** The size of the items that were read since the last pause. */
  #slice = { items: 0, bytes: 0 };

  constructor(limits: RowLimits, item: string) {
    this.#limits = limits;
    this.#item = item;
  }

  /** Counts an item's rows. @returns the reason to leave the item out */
  refuses({ values, bytes, messageBytes }: Size): string | undefined {
    const { maxItemBytes, maxItemRowBytes, maxRowValues, maxRowBytes } = this.#limits;
    if (messageBytes > maxItemBytes)
      return `the ${this.#item} has, with its resource, more than ${maxItemBytes / 1024 ** 2} MiB`;
    if (bytes > maxItemRowBytes) return tooLarge(`the ${this.#item}`, maxItemRowBytes, 'bytes');
    if (this.#values + values > maxRowValues) return tooLarge('the request', maxRowValues, 'values');
    if (this.#bytes + bytes > maxRowBytes) return tooLarge('the request', maxRowBytes, 'bytes');
    this.#values += values;
    this.#bytes += bytes;
    this.#part.values += values;
    this.#part.bytes += bytes;
    this.#slice.bytes += bytes;
    return undefined;
  }

  /** Called once after each item, good or bad. Says whether the part ends, or other tasks should have a turn. */
  pauseAfterItem(): 'part' | 'slice' | undefined {
    const [part, slice] = [this.#part, this.#slice];
    part.items++;
    slice.items++;
    const isPartFull = part.items >= PART_ITEMS || part.values >= PART_VALUES || part.bytes >= PART_BYTES;
    const isSliceFull = slice.items >= SLICE_ITEMS || slice.bytes >= SLICE_BYTES;
    if (isPartFull) this.#part = { items: 0, values: 0, bytes: 0 };
    if (isPartFull || isSliceFull) this.#slice = { items: 0, bytes: 0 };
    return isPartFull ? 'part' : isSliceFull ? 'slice' : undefined;
  }
}

/** The size of an item's rows: one for the item, and one for each event and link, all with resource and scope. */
function rowSizeOf(
  { item, values }: ItemRead<Item>,
  { resource, scope }: Pick<ItemSource<Item>, 'resource' | 'scope'>,
  sharedBytes: number,
): Size {
  const span = item as Item & Partial<Record<'events' | 'links', readonly unknown[]>> & { name?: string };
  const further = (span.events?.length ?? 0) + (span.links?.length ?? 0);
  const ownBytes = item.raw.byteLength + sharedBytes;
  const messageBytes = item.raw.byteLength + resource.raw.byteLength + scope.raw.byteLength;
  return { values, messageBytes, bytes: ownBytes + further * (sharedBytes + (span.name?.length ?? 0)) };
}

function tooLarge(what: string, limit: number, unit: string): string {
  return `the rows of ${what}, which all have the fields of their resource, hold more than ${limit.toLocaleString('en')} ${unit}`;
}

/** The parts of an unpacked body, one after the other. */
export function decode(
  bytes: Buffer,
  { signal = 'traces', encoding }: IncomingBody,
): Generator<ExportRequest | undefined, void> {
  const signals = typeof signal === 'string' ? [signal] : signal;
  // Frees a large body at once, because the garbage collector is late. Items of JSON keep no view on the body.
  const onRead = () => {
    if (bytes.byteLength > SMALL_BYTES) (bytes.buffer as ArrayBuffer).transfer(0);
  };
  return decodeParts({ signals, bytes, encoding, onRead });
}

/** Decodes a small body, with a turn for other tasks between the parts. */
export async function inTurns(parts: Iterable<ExportRequest | undefined>): Promise<ExportRequest[]> {
  const decoded: ExportRequest[] = [];
  for (const part of parts) {
    if (decoded.length > 0) await yieldToEventLoop();
    if (part !== undefined) decoded.push(part);
  }
  return decoded;
}

/** Gives a request's only part the request's body, where nothing of the body was left out. */
export function keepWhole(parts: ExportRequest[], body: Buffer): void {
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && only.rejectedCount === 0) parts[0] = { ...only, body };
}

/** Yields the parts one after the other, and keeps none of them. */
export function* shiftAll(parts: ExportRequest[]): Generator<ExportRequest, void> {
  while (parts.length > 0) yield parts.shift() as ExportRequest;
}
