import { ResourceSpansFields, ScopeSpansFields } from '../fields/trace.ts';
import { ExportTraceServiceRequestFields } from '../fields/trace-service.ts';
import { ProtobufReader } from './reader.ts';
import { ProtobufWriter } from './writer.ts';

/**
 * An export request of any signal with the items from index `from` up to before `to`, each under its resource and scope.
 * Resources and scopes without such an item are left out.
 * @throws RangeError for malformed bytes
 */
export function selectItems(body: Uint8Array, from: number, to: number): Buffer {
  const reader = new ProtobufReader(body);
  const writer = new ProtobufWriter(body.length);
  let index = 0;

  /** Copies a message whose tag was read, part by part, and removes the copy when it has no wanted item. */
  const copyMessage = (tag: number, copyPart: (tag: number) => boolean): boolean => {
    const before = writer.length;
    const start = writer.begin(tag);
    const outer = reader.enter();
    let isKept = false;
    while (!reader.done) {
      if (copyPart(reader.tag())) isKept = true;
    }
    reader.leave(outer);
    if (isKept) writer.end(start);
    else writer.length = before;
    return isKept;
  };
  const copyField = (tag: number): void => {
    const start = reader.position;
    reader.skip(tag);
    writer.varint(tag);
    writer.raw(body.subarray(start, reader.position));
  };
  const copyScopePart = (tag: number): boolean => {
    const isItem = tag === ScopeSpansFields.spans;
    const isSelected = isItem && index >= from && index < to;
    if (isItem) index++;
    if (isSelected || !isItem) copyField(tag);
    else reader.skip(tag);
    return isSelected;
  };
  const copyResourcePart = (tag: number): boolean => {
    if (tag === ResourceSpansFields.scopeSpans) return copyMessage(tag, copyScopePart);
    copyField(tag);
    return false;
  };
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === ExportTraceServiceRequestFields.resourceSpans) copyMessage(tag, copyResourcePart);
    else reader.skip(tag);
  }
  return writer.toBuffer();
}
