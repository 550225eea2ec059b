// For those who write messages of their own: field tables and writer, and what sending them needs.
export type { ExportSignal, PartialSuccess } from '../export-response.ts';
export { decodeExportResponse } from '../export-response.ts';
export * from '../fields/common.ts';
export * from '../fields/logs.ts';
export * from '../fields/resource.ts';
export * from '../fields/trace.ts';
export * from '../fields/trace-service.ts';
export { decodeRpcStatus } from '../rpc-status.ts';
export { writePlainAnyValue, writePlainAttribute, writePlainAttributes } from './encode-plain-attributes.ts';
export { selectItems } from './select-items.ts';
export { ProtobufWriter, varintSize } from './writer.ts';
