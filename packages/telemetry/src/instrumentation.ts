// What instrumentations of other packages build on: @tandem/telemetry/instrumentation. It is no entry of the tarball.

export {
  hasClientSpan,
  isClientSpan,
  recordRequestFailure,
  recordStatus,
  requestAttributes,
  sendContext,
  startClientSpan,
} from './client/client-request.ts';
export type { UndiciMessage } from './client/undici-call.ts';
export { CALL, UndiciCall } from './client/undici-call.ts';
export { SERVER_SPAN } from './context/traceparent.ts';
export { endFailed, recordedContext } from './kysely/query-spans.ts';
export type { QuerySummary } from './kysely/query-summary.ts';
export { summaryOf } from './kysely/query-summary.ts';
export { listenTo } from './process/channels.ts';
export { running } from './running.ts';
export { isOfFastify } from './server/fastify-servers.ts';
export type { RequestTrace, TracedMessage } from './server/server-span.ts';
export {
  activeServerSpan,
  endpointsOf,
  isApiRequest,
  isHealthRequest,
  TRACE,
  traceRequest,
  UNTRACED,
} from './server/server-span.ts';
export { traceResponseHeaders } from './server/trace-response.ts';
export { enterContext } from './spans/globals.ts';
export { parseHost, splitTarget } from './spans/http-url.ts';
export { SCOPE_NAME, tracer } from './spans/tracer.ts';
export type { OpenBody } from './spans/unread-bodies.ts';
export { forgetBody, watchBody } from './spans/unread-bodies.ts';
export { startTelemetry } from './start.ts';
