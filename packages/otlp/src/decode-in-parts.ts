import type { OtlpEncoding } from './encoding.ts';
import { findSpansInJson } from './json/decode-traces.ts';
import type { DecodeLimits } from './limits.ts';
import { DECODE_LIMITS, readable } from './limits.ts';
import type { DecodedTraces, ScopeSpans, Span } from './messages/trace.ts';
import { findSpansInProtobuf } from './protobuf/decode-traces.ts';
import { Rejections } from './rejections.ts';
import type { SpanRead, SpanSource } from './span-source.ts';

/** A part ends with whichever of these comes first: some hundredths of a second of decoding, some 30 MB of memory. */
const PART_SPANS = 4_096;
const PART_VALUES = 131_072;
const PART_BYTES = 16 * 1024 * 1024;

/**
 * Reads an ExportTraceServiceRequest in either of OTLP's encodings part by part, so that a large one needs neither the
 * memory nor the time of all its spans at once; undefined is a pause without a part. A span that cannot be read, or
 * that holds too much, is left out and counted; it costs none of the others. `rejectedCount` is a part's own,
 * `rejectedReason` is about the request so far. There is at least one part. Of protobuf, spans keep views on
 * `bytes`, which must not change afterwards.
 * @throws UndecodableError when anything around the spans is malformed; LimitError when there is too much; both before
 *   the first part
 */
export function* decodeTracesInParts(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  limits: Partial<DecodeLimits> = {},
): Generator<DecodedTraces | undefined, void> {
  const all = { ...DECODE_LIMITS, ...limits };
  const sources = yield* encoding === 'json' ? findSpansInJson(bytes, all) : findSpansInProtobuf(bytes, all);
  yield* readParts(sources, all);
}

function* readParts(sources: readonly SpanSource[], limits: DecodeLimits): Generator<DecodedTraces, void> {
  const rejections = new Rejections();
  const budget = new Budget(limits);
  let scopeSpans: ScopeSpans[] = [];
  let isFirst = true;

  function endPart(): DecodedTraces {
    const spanCount = scopeSpans.reduce((sum, { spans }) => sum + spans.length, 0);
    const part = {
      scopeSpans,
      spanCount,
      rejectedCount: rejections.take(),
      rejectedReason: rejections.reason,
    };
    scopeSpans = [];
    isFirst = false;
    return part;
  }

  for (const source of sources) {
    const { resource, scope, resourceIndex, scopeIndex } = source;
    const sharedBytes = Math.min(resource.raw.byteLength + scope.raw.byteLength, limits.maxSharedRowBytes);
    let spans: Span[] = [];
    scopeSpans.push({ resource, scope, spans });
    for (let index = 0; ; index++) {
      const read = source.next();
      if (read === undefined) break;
      const reason = typeof read === 'string' ? read : budget.refuses(rowSizeOf(read, sharedBytes));
      if (typeof read !== 'string' && reason === undefined) spans.push(read.span);
      else rejections.add(resourceIndex, scopeIndex, index, reason ?? '');
      if (!budget.isPartFull()) continue;
      budget.stopClock();
      yield endPart();
      budget.startPart();
      spans = [];
      scopeSpans.push({ resource, scope, spans });
    }
  }
  if (isFirst || rejections.hasUntaken || scopeSpans.some(({ spans }) => spans.length > 0)) yield endPart();
}

/** What something takes in rows. */
interface Size {
  readonly values: number;
  readonly bytes: number;
}

/** A span's rows: itself, and a row for each event and link, every one with the fields of resource and scope. */
function rowSizeOf({ span, values }: SpanRead, sharedBytes: number): Size {
  const annotations = span.events.length + span.links.length;
  return {
    values,
    bytes: span.raw.byteLength + sharedBytes + annotations * (sharedBytes + span.name.length),
  };
}

/** What of a request's limits is used up, and how full its current part is. */
class Budget {
  readonly #limits: DecodeLimits;
  #values = 0;
  #bytes = 0;
  #milliseconds = 0;
  #part = { spans: 0, values: 0, bytes: 0, since: performance.now() };

  constructor(limits: DecodeLimits) {
    this.#limits = limits;
  }

  /** Counts a span's rows; says why it has to be left out. */
  refuses({ values, bytes }: Size): string | undefined {
    const { maxSpanRowBytes, maxRowValues, maxRowBytes, maxMilliseconds } = this.#limits;
    if (bytes > maxSpanRowBytes) return tooLarge('the span', maxSpanRowBytes, 'bytes');
    if (this.#values + values > maxRowValues) return tooLarge('the request', maxRowValues, 'values');
    if (this.#bytes + bytes > maxRowBytes) return tooLarge('the request', maxRowBytes, 'bytes');
    if (this.#milliseconds > maxMilliseconds)
      return `decoding the request took longer than ${readable(maxMilliseconds)} ms`;
    this.#values += values;
    this.#bytes += bytes;
    this.#part.values += values;
    this.#part.bytes += bytes;
    return undefined;
  }

  /** To be asked once after each span, good or bad. */
  isPartFull(): boolean {
    const { spans, values, bytes } = this.#part;
    this.#part.spans++;
    return spans + 1 >= PART_SPANS || values >= PART_VALUES || bytes >= PART_BYTES;
  }

  /** The time until the next part belongs to others. */
  stopClock(): void {
    this.#milliseconds += performance.now() - this.#part.since;
  }

  startPart(): void {
    this.#part = { spans: 0, values: 0, bytes: 0, since: performance.now() };
  }
}

function tooLarge(what: string, limit: number, unit: string): string {
  return `the rows of ${what}, which all have the fields of their resource, hold more than ${readable(limit)} ${unit}`;
}
