// The exports of @tandem/http-spans, by room.

export { otherApiOf } from './beside/api-versions.ts';
export { isOfFastify, leaveToFastify } from './beside/fastify-servers.ts';
export {
  activeServerSpan,
  hasClientSpan,
  leaveToLater,
  OF_SECOND_SDK,
  SERVER_SPAN,
} from './beside/other-tracers.ts';
export { processWide } from './beside/process-wide.ts';
export {
  addRareAttributes,
  hasTemplate,
  recordRequestFailure,
  recordStatus,
  removeForwarded,
  requestAttributes,
  sendContext,
  spanNameOf,
  startClientSpan,
  withResendCount,
  withUrlTemplate,
} from './client/client-request.ts';
export type { CalledRequest, UndiciMessage } from './client/undici-call.ts';
export { CALL, UndiciCall } from './client/undici-call.ts';
export type { OpenBody } from './client/unread-bodies.ts';
export { endUnreadNow, forgetBody, watchBody } from './client/unread-bodies.ts';

export { enterBy, enterContext } from './context/enter-context.ts';
export { contextOf, processContext } from './context/process-context.ts';
export { isRandomTraceId, TraceContextPropagator } from './context/traceparent.ts';
export { RANDOM_TRACE_STATE, W3CTraceState } from './context/tracestate.ts';

export { parseHost, redactQuery, splitTarget } from './message/http-url.ts';
export { listenTo } from './process/channels.ts';
export { isError } from './process/is-error.ts';
export { quietly } from './process/quietly.ts';

export { watchTimeouts } from './server/outcome.ts';
export type { RequestHead, RequestTrace, TracedMessage } from './server/server-span.ts';
export {
  endpointsOf,
  isApiRequest,
  isHealthRequest,
  TRACE,
  traceRequest,
  UNTRACED,
} from './server/server-span.ts';
export { serverTimingOf, traceResponseOf } from './server/trace-response.ts';

export { errorType, hasFailed, recordFailure, setFailed } from './spans/record-failure.ts';
export { SCOPE_NAME, tracer } from './spans/tracer.ts';
