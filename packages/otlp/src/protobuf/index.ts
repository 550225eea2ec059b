// What sending messages of one's own needs besides: the parts of a request, and what the answer says.
export type { ExportSignal, PartialSuccess } from '../export-response.ts';
export { decodeExportResponse } from '../export-response.ts';
export { decodeRpcStatus } from '../rpc-status.ts';
export * from './encode.ts';
export { selectItems } from './select-items.ts';
