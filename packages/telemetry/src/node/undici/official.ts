import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Attributes, Context, HrTime } from '@opentelemetry/api';
import { context, createNoopMeter, metrics, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { hrTime, hrTimeDuration } from '@opentelemetry/core';
import type { UndiciInstrumentationConfig } from '@opentelemetry/instrumentation-undici';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { hasClientSpan, leaveToLater } from '../../beside/other-tracers.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { redactQuery } from '../../process/secrets/redaction.ts';
import { addRareAttributes, requestAttributes, spanNameOf } from '../../road/http/client-request.ts';
import { splitTarget } from '../../road/http/http-url.ts';
import type { ReadableSpan } from '../../road/spans/engine.ts';
import type { UndiciHandlers } from '../../road/spans/official-members.ts';
import { callerOf } from './dispatched.ts';
import type { CalledRequest, UndiciMessage } from './undici-call.ts';
import { CALL, contextInRequest, removeForwarded, sendContext, UndiciCall } from './undici-call.ts';

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
      if (!isOwn && carries(request)) removeForwarded(request, trace.setSpan(active, span));
      span.updateName(spanNameOf(request, active));
      if (!span.isRecording()) return;
      const call = new UndiciCall(span);
      if (instrumentation.hasMetrics)
        call.onEnd = () => instrumentation.recordEnd(request, span as unknown as ReadableSpan);
      request[CALL] = call;
    },
    responseHook: (_span, { request, response }) => request[CALL]?.answered(request, response),
  });
  fields = new Set(propagation.fields());
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

/** The handlers are private in the official types. */
const Official = UndiciInstrumentation as unknown as new (
  config: UndiciInstrumentationConfig<CalledRequest>,
) => UndiciHandlers<UndiciMessage> & { disable(): void };

/** Ends spans as `UndiciCall` does: a caller's cancellation is not a failure, and a body that nobody reads keeps no span open. */
class Instrumentation extends Official {
  /** Whether the process has a provider of metrics at the start. Otherwise nobody gets the durations of requests. */
  readonly hasMetrics = metrics.getMeter('tandem') !== createNoopMeter();

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

  override onDone(message: UndiciMessage): void {
    const call = message.request[CALL];
    if (call?.span.isRecording() === false) return; // has ended at the headers
    call?.ending(monotonicNow());
    super.onDone(message);
    call?.end(message.request);
  }

  override onError(message: UndiciMessage): void {
    const { request, error } = message;
    const call = request[CALL];
    if (call !== undefined) {
      call.fail(request, error);
      this._recordFromReq.delete(request); // undici tells the failure again when the connection is destroyed
      return;
    }
    const { name, code } = Object(error); // the code of a DOMException is a number
    super.onError({ ...message, error: { name, code: typeof code === 'string' ? code : undefined } });
  }

  /** Records the duration of a request whose end the instrumentation does not see: a failure, or a body that nobody reads. */
  recordEnd(request: CalledRequest, { attributes, duration }: ReadableSpan): void {
    const record = this._recordFromReq.get(request);
    if (record === undefined) return; // the instrumentation has seen the end
    this._recordFromReq.delete(request);
    const { 'error.type': errorType } = attributes;
    const measured =
      errorType === undefined ? record.attributes : { ...record.attributes, 'error.type': errorType };
    this.recordRequestDuration(measured, hrTimeDuration(duration, hrTime()));
  }

  override recordRequestDuration(attributes: Attributes, startTime: HrTime): void {
    if (this.hasMetrics) super.recordRequestDuration(attributes, startTime);
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

/** The names of the headers that carry a context. */
let fields: ReadonlySet<string> = new Set();

/** Whether a caller forwards headers of a context. undici keeps headers as `[name, value, name, value, …]`. */
function carries({ headers }: CalledRequest): boolean {
  if (!Array.isArray(headers)) return false;
  return headers.some((name, at) => at % 2 === 0 && fields.has(String(name).toLowerCase()));
}
