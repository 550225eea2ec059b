import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Attributes, Context } from '@opentelemetry/api';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { UndiciInstrumentationConfig } from '@opentelemetry/instrumentation-undici';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { hasClientSpan, leaveToLater } from '../beside/other-tracers.ts';
import { redactQuery } from '../process/secrets/redaction.ts';
import { addRareAttributes, requestAttributes, spanNameOf } from '../road/http/client-request.ts';
import { splitTarget } from '../road/http/http-url.ts';
import { callerOf } from '../road/undici/dispatched.ts';
import type { CalledRequest, UndiciMessage } from '../road/undici/undici-call.ts';
import {
  CALL,
  contextInRequest,
  removeForwarded,
  sendContext,
  UndiciCall,
} from '../road/undici/undici-call.ts';

/**
 * Makes a CLIENT span of every request of `fetch` and undici, and sends the span's context along. OpenTelemetry's
 * `UndiciInstrumentation` makes the spans. What is wrong with them is corrected in its hooks: unredacted URLs, forwarded
 * headers beside ours, names without a template.
 */
export function undici(): () => () => void {
  return instrument;
}

function instrument(): () => void {
  const instrumentation = new Instrumentation({
    ignoreRequestHook(request) {
      const isIgnored = Boolean(request.upgrade) || hasClientSpan(active);
      if (isIgnored) sendContext(request, active);
      return isIgnored;
    },
    startSpanHook: correctedAttributes,
    requestHook(span, request) {
      if (!isOwn) removeForwarded(request, trace.setSpan(active, span));
      span.updateName(spanNameOf(request, active));
      if (span.isRecording()) request[CALL] = new UndiciCall(span);
    },
    responseHook: (_span, { request, response }) => request[CALL]?.answered(request, response),
  });
  subscribe(BODY_SENT, hearBodySent);
  return () => {
    unsubscribe(BODY_SENT, hearBodySent);
    instrumentation.disable();
  };
}

/** undici's channel that the instrumentation does not listen to. */
const BODY_SENT = 'undici:request:bodySent';

function hearBodySent(message: unknown): void {
  (message as UndiciMessage).request[CALL]?.bodySent();
}

/** The active context of the request whose span begins: each look at it takes as long as the rest of a hook. */
let active: Context = ROOT_CONTEXT;

/** Whether that request continues a trace by headers of its own, which stay. */
let isOwn = false;

const leaveHeaders = () => {};

/** The handlers of undici's messages, which the official types hide. A test names each, so that an update fails there. */
interface Handlers {
  onRequestCreated(message: UndiciMessage): void;
  onRequestHeaders(message: UndiciMessage): void;
  onDone(message: UndiciMessage): void;
  onError(message: UndiciMessage): void;
  disable(): void;
}

const Official = UndiciInstrumentation as unknown as new (
  config: UndiciInstrumentationConfig<CalledRequest>,
) => Handlers;

/**
 * Leaves the ends of spans to `UndiciCall`: a caller's cancellation is not a failure, and a body that nobody reads keeps no span
 * open. The official class keeps its note of a request for as long as there is the request, and records no durations.
 */
class Instrumentation extends Official {
  override onRequestCreated(message: UndiciMessage): void {
    const { request } = message;
    const caller = callerOf(request).context;
    const own = contextInRequest(caller, request);
    active = own ?? caller;
    isOwn = own !== undefined;
    if (isOwn) request.addHeader = leaveHeaders;
    if (active === context.active()) super.onRequestCreated(message);
    else context.with(active, () => super.onRequestCreated(message));
    active = ROOT_CONTEXT;
    leaveToLater(request);
  }

  override onRequestHeaders(message: UndiciMessage): void {
    message.request[CALL]?.sent(message.socket);
    super.onRequestHeaders(message);
  }

  override onDone({ request }: UndiciMessage): void {
    request[CALL]?.end(request);
  }

  override onError({ request, error }: UndiciMessage): void {
    request[CALL]?.fail(request, error);
  }
}

/** Parts of a URL that the instrumentation's parser changes: `//`, `/../`, characters to escape, `user@`, `[::1]`. */
const UNUSUAL_PATH = /^[^/]|\/[/.]|%2e|[^\w\-.~!$&()*+,;=:@%/?]/i;
const UNUSUAL_ORIGIN = /[@[]/;

/** Attributes that the instrumentation lacks, or has wrong. Undefined removes an attribute from a span. */
function correctedAttributes(request: CalledRequest): Attributes {
  const { query } = splitTarget(request.path);
  const isWrong =
    UNUSUAL_PATH.test(request.path) ||
    UNUSUAL_ORIGIN.test(String(request.origin)) ||
    (query !== undefined && redactQuery(query) !== query);
  const attributes: Attributes = { 'url.query': query, 'http.request.method_original': undefined };
  return isWrong
    ? Object.assign(attributes, requestAttributes(request, active))
    : addRareAttributes(attributes, request, active);
}
