import type { Span, TracerProvider } from '@opentelemetry/api';
import { context, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../report/logger.ts';
import { SCOPE_NAME } from '../spans/tracer.ts';

/** Tracers whose CLIENT spans are not active while the request is sent, and send no context everywhere: ours do. */
const BESIDE: ReadonlySet<string> = new Set(['@sentry/node', '@vercel/otel/fetch']);

/**
 * Keeps requests from having two SERVER or two CLIENT spans where the host traces as well. The host's SDK starts after this
 * package, and gets its tracers from the provider that this package has registered.
 *
 * A tracer of an instrumentation that makes the same spans stops a part of this package. A SERVER span of any other tracer,
 * such as Next.js makes, takes the place of the one that `traceHttpServers` has made of the same request.
 *
 * @param parts the name of an instrumentation → how to stop what it makes as well
 */
export function leaveToHost(
  provider: TracerProvider,
  log: Logger,
  parts: Readonly<Record<string, readonly (() => void)[]>>,
): void {
  const getTracer = provider.getTracer.bind(provider);
  const seen = new Set<object>();
  provider.getTracer = (name, ...rest) => {
    const tracer = getTracer(name, ...rest);
    if (name === SCOPE_NAME || seen.has(tracer)) return tracer;
    seen.add(tracer);
    const stops = Object.hasOwn(parts, name) ? parts[name] : undefined;
    for (const stop of stops ?? []) stop();
    if (stops !== undefined)
      log.info({}, `The spans of ${name}, which runs in this process, are the only ones.`);
    const startSpan = tracer.startSpan.bind(tracer);
    tracer.startSpan = (...args) => {
      const span = startSpan(...args);
      const { kind, attributes = {} } = args[1] ?? {};
      if (kind === SpanKind.SERVER) replaceOuter(span);
      const isOfHttp = 'http.request.method' in attributes || 'http.method' in attributes;
      if (kind === SpanKind.CLIENT && isOfHttp && BESIDE.has(name)) leaveOut(span);
      return span;
    };
    return tracer;
  };
}

/** Puts the host's SERVER span in the place of ours that is active: ours is not sent. */
function replaceOuter(span: Span & Partial<ReadableSpan>): void {
  const outer = trace.getSpan(context.active()) as (Span & Partial<ReadableSpan>) | undefined;
  if (outer?.kind !== SpanKind.SERVER || outer.instrumentationScope?.name !== SCOPE_NAME) return;
  const { parentSpanContext } = outer;
  if (span.parentSpanContext?.spanId === outer.spanContext().spanId)
    Object.assign(span, { parentSpanContext });
  leaveOut(outer);
}

/** No export takes such a span. */
function leaveOut(span: Span): void {
  span.spanContext().traceFlags = TraceFlags.NONE;
}
