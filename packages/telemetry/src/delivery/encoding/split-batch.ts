import type { Batch } from './batch-builder.ts';
import { fieldsOf } from './export-response.ts';
import { ProtoWriter } from './proto-writer.ts';

/** ResourceSpans.scope_spans */
const SCOPE_SPANS = 2;
/** ScopeSpans.spans */
const SPANS = 2;

/**
 * Cuts a batch into two with half of the spans each, in order, every span under the resource and scope it had.
 *
 * @throws RangeError for a batch of fewer than two spans, or bytes that are no ExportTraceServiceRequest
 */
export function splitBatch(batch: Batch): [Batch, Batch] {
  if (batch.spans < 2) throw new RangeError(`A batch of ${batch.spans} spans cannot be split.`);
  const first = batch.spans >>> 1;
  return [
    { body: selectSpans(batch.body, 0, first), spans: first },
    { body: selectSpans(batch.body, first, batch.spans), spans: batch.spans - first },
  ];
}

/** The request with only the spans from index `from` up to before `to`; messages left empty are left out. */
function selectSpans(body: Uint8Array, from: number, to: number): Buffer {
  const writer = new ProtoWriter(body.length);
  let index = 0;
  const copySpan = (field: number, value: Uint8Array): number => {
    const isSpan = field === SPANS;
    const isSelected = isSpan && index >= from && index < to;
    if (isSpan) index++;
    if (isSelected || !isSpan) copyField(writer, field, value);
    return isSelected ? 1 : 0;
  };
  const copyScope = (field: number, value: Uint8Array): number => {
    if (field === SCOPE_SPANS) return copyMessage(writer, field, value, copySpan);
    copyField(writer, field, value);
    return 0;
  };
  for (const [field, value] of messagesOf(body)) copyMessage(writer, field, value, copyScope);
  return writer.toBuffer();
}

/** Copies a message field by field with `copyPart`, and takes it back when that found no span to keep. */
function copyMessage(
  writer: ProtoWriter,
  field: number,
  message: Uint8Array,
  copyPart: (field: number, value: Uint8Array) => number,
): number {
  const before = writer.length;
  writer.byte((field << 3) | 2);
  const start = writer.begin();
  let spans = 0;
  for (const [innerField, value] of messagesOf(message)) spans += copyPart(innerField, value);
  if (spans === 0) writer.length = before;
  else writer.end(start);
  return spans;
}

function copyField(writer: ProtoWriter, field: number, value: Uint8Array): void {
  writer.byte((field << 3) | 2);
  writer.uint32(value.length);
  writer.raw(value);
}

/** At these levels OTLP has length-delimited fields only. */
function* messagesOf(bytes: Uint8Array): Generator<readonly [number, Uint8Array]> {
  for (const [field, value] of fieldsOf(bytes)) {
    if (typeof value !== 'number') yield [field, value];
  }
}
