import { ResourceSpansFields, ScopeSpansFields } from '../src/fields/trace.ts';
import { ExportTraceServiceRequestFields } from '../src/fields/trace-service.ts';
import { ProtobufReader } from '../src/protobuf/reader.ts';

const WAY_TO_SPANS = [
  ExportTraceServiceRequestFields.resourceSpans,
  ResourceSpansFields.scopeSpans,
  ScopeSpansFields.spans,
];

/** How many spans an ExportTraceServiceRequest in protobuf has, without reading them. @throws RangeError for malformed bytes */
export function countSpans(body: Uint8Array): number {
  const reader = new ProtobufReader(body);
  const countAt = (depth: number): number => {
    let spans = 0;
    while (!reader.done) {
      const tag = reader.tag();
      if (tag !== WAY_TO_SPANS[depth]) reader.skip(tag);
      else if (depth === WAY_TO_SPANS.length - 1) {
        reader.skip(tag);
        spans++;
      } else {
        const outer = reader.enter();
        spans += countAt(depth + 1);
        reader.leave(outer);
      }
    }
    return spans;
  };
  return countAt(0);
}
