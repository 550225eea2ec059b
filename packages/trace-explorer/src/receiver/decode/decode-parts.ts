import type {
  DecodedLogs,
  DecodedTraces,
  ItemRead,
  ItemSource,
  OtlpEncoding,
  OtlpSignal,
} from '@tandem/otlp';
import { findItems, logs, Rejections, traces } from '@tandem/otlp';
import type { ExportRequest } from '../../store/export-request.ts';
import type { RowLimits, Size } from './budget.ts';
import { Budget, ROW_LIMITS } from './budget.ts';
import { groupDatasets } from './group-datasets.ts';

/** What is read of one body. */
export interface BodyToDecode {
  /** Of several, each reads its own lists of the body, one after the other. */
  readonly signals: readonly ('traces' | 'logs')[];
  readonly bytes: Uint8Array;
  readonly encoding: OtlpEncoding;
  /** Called when the last item of JSON was read: the parts keep no view on the body. */
  readonly onRead?: () => void;
  /** The member of JSON in which a group names a dataset of its own; default: none does. */
  readonly label?: string | undefined;
  readonly limits?: Partial<RowLimits>;
}

type Item = { readonly raw: Uint8Array };
type Parts = Generator<ExportRequest | undefined, void>;

/**
 * Reads a body part by part, so that a large one needs neither the memory nor the time of all its items at once. An item
 * that cannot be read, or whose rows would hold too much, is left out and counted. Items of protobuf keep views on
 * `bytes`, which must not change afterwards.
 * @returns the parts, of which each signal has at least one; undefined is a pause without a part. `rejectedCount` is a
 *   part's own, `rejectedReason` is about the request so far
 * @throws UndecodableError when anything around the items is malformed; LimitError; both before the first part
 */
export function* decodeParts(body: BodyToDecode): Parts {
  const found: FoundParts[] = [];
  for (const signal of body.signals) {
    found.push(signal === 'traces' ? yield* findParts(traces, body) : yield* findParts(logs, body));
  }
  const last = body.encoding === 'json' ? found.findLast(({ isEmpty }) => !isEmpty) : undefined;
  for (const each of found) yield* each.read(() => each === last && body.onRead?.());
}

/** What was found of a signal, and reads it. */
interface FoundParts {
  readonly isEmpty: boolean;
  /** @param onRead called when the last item was read */
  read(onRead: () => void): Parts;
}

/** Finds a signal's items, and which dataset each of their groups is of; reads none. */
export function* findParts<Read extends Item, Group, Request extends DecodedTraces | DecodedLogs>(
  signal: OtlpSignal<Read, Group, Request>,
  { bytes, encoding, label, limits }: Omit<BodyToDecode, 'signals'>,
): Generator<undefined, FoundParts> {
  const all = { ...ROW_LIMITS, ...limits };
  const sources = yield* findItems(signal, bytes, encoding);
  const datasets =
    label === undefined || encoding !== 'json'
      ? []
      : yield* groupDatasets(bytes, signal.lists.resources, label);
  return {
    isEmpty: sources.length === 0,
    read: (onRead) => readParts(signal, sources, datasets, all, onRead),
  };
}

function* readParts<Read extends Item, Group, Request extends DecodedTraces | DecodedLogs>(
  signal: OtlpSignal<Read, Group, Request>,
  sources: readonly ItemSource<Read>[],
  datasets: readonly (string | undefined)[],
  limits: RowLimits,
  onRead: () => void,
): Parts {
  const rejections = new Rejections(signal);
  const budget = new Budget(limits, signal.item);
  let groups: Group[] = [];
  let count = 0;
  let isFirst = true;
  let dataset: string | undefined;

  function endPart(): ExportRequest {
    const part = signal.request(groups, count, rejections.take(), rejections.reason);
    groups = [];
    count = 0;
    isFirst = false;
    return dataset === undefined ? part : { ...part, dataset };
  }

  function* stopFor(part: ExportRequest | undefined): Parts {
    budget.stopClock();
    yield part;
    budget.startClock();
  }

  for (const source of sources) {
    const { resource, scope, resourceIndex } = source;
    if (datasets[resourceIndex] !== dataset) {
      if (count > 0) yield* stopFor(endPart());
      dataset = datasets[resourceIndex];
    }
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
      if (budget.isPartFull()) {
        yield* stopFor(endPart());
        budget.startPart();
        items = [];
        groups.push(signal.group(resource, scope, items));
      } else if (budget.isSliceFull()) yield* stopFor(undefined);
    }
  }
  onRead();
  if (isFirst || rejections.hasUntaken || count > 0) yield endPart();
}

/** An item's rows, every one with the fields of resource and scope: one for itself, and one for each event and link. */
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
