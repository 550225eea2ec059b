// For those who write messages of their own: field tables and writer, and what sending them needs.
export * from '../fields/common.ts';
export * from '../fields/resource.ts';
export * from '../fields/trace.ts';
export * from '../fields/trace-service.ts';
export type { TracePartialSuccess } from '../trace-response.ts';
export { decodeTraceResponse } from '../trace-response.ts';
export { writePlainAttribute, writePlainAttributes } from './encode-plain-attributes.ts';
export { selectSpans } from './select-spans.ts';
export { ProtobufWriter, varintSize } from './writer.ts';
