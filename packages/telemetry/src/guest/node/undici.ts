import { trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { hasClientSpan, leaveToLater } from '../../beside/other-tracers.ts';
import { listenTo } from '../../common/channels.ts';
import { tracer } from '../../common/tracer.ts';
import { isAgentExport } from '../../road/http/agent-exports.ts';
import { recordStatus, startClientSpan } from '../../road/http/client-request.ts';
import { callerOf } from '../../road/undici/dispatched.ts';
import type { UndiciMessage } from '../../road/undici/undici-call.ts';
import { CALL, contextInRequest, sendContext, UndiciCall } from '../../road/undici/undici-call.ts';

/**
 * Makes a CLIENT span of every request of `fetch` and undici, and sends the span's context along. undici's diagnostics
 * channels tell of requests. Of each request, `addHeader` is replaced.
 */
export function undiciChannels(): () => () => void {
  return listen;
}

function listen(): () => void {
  const ownTracer = tracer();
  return listenTo<UndiciMessage>({
    'undici:request:create': ({ request }) => {
      const { context: active, since, turn } = callerOf(request);
      if (request.method === 'CONNECT' || isTracingSuppressed(active)) return;
      if (isAgentExport(request.path, () => [request.headers].flat())) return;
      if (request.upgrade || hasClientSpan(active)) return sendContext(request, active);
      const own = contextInRequest(active, request);
      const span = startClientSpan(ownTracer, request, own ?? active, since);
      sendContext(request, own === undefined ? trace.setSpan(active, span) : active);
      if (own !== undefined) leaveToLater(request);
      if (span.isRecording()) request[CALL] = new UndiciCall(span, since, turn);
    },
    'undici:client:sendHeaders': ({ request, socket }) => {
      const call = request[CALL];
      if (call === undefined) return;
      const { remoteAddress, remotePort, alpnProtocol } = socket;
      call.sent(socket);
      call.span.setAttributes({
        'network.peer.address': remoteAddress,
        'network.peer.port': remotePort,
        'network.protocol.version': alpnProtocol === 'h2' ? '2' : '1.1',
      });
    },
    'undici:request:bodySent': ({ request }) => request[CALL]?.bodySent(),
    'undici:request:headers': ({ request, response }) => {
      const call = request[CALL];
      if (call === undefined) return;
      recordStatus(call.span, response.statusCode);
      call.answered(request, response);
    },
    'undici:request:trailers': ({ request }) => request[CALL]?.end(request),
    'undici:request:error': ({ request, error }) => request[CALL]?.fail(request, error),
  });
}
