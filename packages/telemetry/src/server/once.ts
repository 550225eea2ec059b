import type { TracerProvider } from '@opentelemetry/api';
import { context, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../report/logger.ts';
import { SCOPE_NAME } from '../spans/tracer.ts';

/**
 * Stops a part of tracing when the host asks for a tracer of the instrumentation that makes the same spans. The host's SDK
 * starts after this package, and gets its tracers from the provider that this package has registered.
 *
 * @param parts the name of an instrumentation → how to stop what it makes as well
 */
export function leaveToHost(
  provider: TracerProvider,
  log: Logger,
  parts: Readonly<Record<string, readonly (() => void)[]>>,
): void {
  const left = new Set<string>();
  const getTracer = provider.getTracer.bind(provider);
  provider.getTracer = (name, ...rest) => {
    if (Object.hasOwn(parts, name) && !left.has(name)) {
      left.add(name);
      for (const stop of parts[name] ?? []) stop();
      log.info({}, `${name} is installed here, and makes the spans that this package would make.`);
    }
    return getTracer(name, ...rest);
  };
}

/**
 * Keeps a request from having two SERVER spans. Next.js makes its own within the one of `traceHttpServers`: Next's takes the
 * place in the trace, and the other one is not sent.
 */
export const oneServerSpan: SpanProcessor = {
  onStart(span: Span) {
    if (span.kind !== SpanKind.SERVER || span.instrumentationScope.name === SCOPE_NAME) return;
    const outer = trace.getSpan(context.active()) as (Span & ReadableSpan) | undefined;
    if (outer?.kind !== SpanKind.SERVER || outer.instrumentationScope.name !== SCOPE_NAME) return;
    const { spanId } = outer.spanContext();
    if (span.parentSpanContext?.spanId === spanId)
      Object.assign(span, { parentSpanContext: outer.parentSpanContext });
    outer.spanContext().traceFlags = TraceFlags.NONE;
  },
  onEnd() {},
  async forceFlush() {},
  async shutdown() {},
};
