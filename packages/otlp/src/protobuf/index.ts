// For sending other messages: the parts of a request, and the meaning of an answer.
export type { ExportSignal, PartialSuccess } from '../export-response.ts';
export { decodeExportResponse } from '../export-response.ts';
export { decodeRpcStatus } from '../rpc-status.ts';
export * from './encode.ts';
export { selectItems } from './select-items.ts';
