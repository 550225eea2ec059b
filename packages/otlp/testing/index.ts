export { BARE_SPAN } from './bare-span.ts';
export { countSpans } from './count-spans.ts';
export { decodeExportResponse } from './decode-export-response.ts';
export type { DecodedRequest, DecodedSpan } from './decode-request.ts';
export { decodeRequest, spansOf } from './decode-request.ts';
export { decodeRpcStatus } from './decode-rpc-status.ts';
export type { Generator } from './generator.ts';
export { generator } from './generator.ts';
export { message } from './message.ts';
export {
  LogsRequest,
  LogsResponse,
  MetricsResponse,
  protoRoot,
  RetryInfoMessage,
  RpcStatusMessage,
  TraceRequest,
  TraceResponse,
} from './oracle.ts';
export type { PlainLogRecord } from './plain-logs.ts';
export { decodedLogs } from './plain-logs.ts';
export type { PlainAttributes, PlainSpan, PlainValue } from './plain-spans.ts';
export { decoded, plainAttributes, randomId } from './plain-spans.ts';
export type { ReceivedLogRecord } from './received-log-record.ts';
export { ReceivedRequest } from './received-request.ts';
export type { ReceivedSpan } from './received-span.ts';
export type { Answer, OtlpReceiver, OtlpReceiverOptions } from './receiver.ts';
export { startOtlpReceiver } from './receiver.ts';
export { SeededRandom } from './seeded-random.ts';
