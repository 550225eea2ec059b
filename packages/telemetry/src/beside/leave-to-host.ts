import type { Span, Tracer, TracerProvider } from '@opentelemetry/api';
import { SpanKind, TraceFlags } from '@opentelemetry/api';
import { processWide } from '../common/process-wide.ts';
import { SCOPE_NAME } from '../common/tracer.ts';
import type { SdkSpan } from './other-tracers.ts';
import { activeServerSpan, isClientSpan } from './other-tracers.ts';

/** Tracers whose CLIENT spans are inactive during the request, and do not send their context everywhere. Ours are kept. */
const BESIDE: ReadonlySet<string> = new Set(['@sentry/node', '@vercel/otel/fetch']);

/** Instrumentations of the host that have asked for a tracer, by name. What we replaced in their libraries runs as it was. */
export const leftToHost: Set<string> = processWide('left to host 1', new Set<string>()).value;

/**
 * Keeps a request from having two SERVER or two CLIENT spans when the host traces, too. The host's SDK starts after this
 * package, and gets tracers from this package's provider.
 *
 * An instrumentation with the same spans stops a part of this package, as soon as the instrumentation asks for a tracer.
 * The SERVER span of any other tracer, such as Next.js's, replaces the SERVER span of `traceHttpServers`.
 *
 * @param parts the name of an instrumentation → how to stop our part with the same spans
 */
export function leaveToHost(
  provider: TracerProvider,
  log: { info(fields: object, message: string): void },
  parts: Readonly<Record<string, readonly (() => void)[]>>,
): void {
  const getTracer = provider.getTracer.bind(provider);
  const seen = new Set<Tracer>();
  leftToHost.clear();
  provider.getTracer = (name, ...rest) => {
    const tracer = getTracer(name, ...rest);
    if (name === SCOPE_NAME || seen.has(tracer)) return tracer;
    seen.add(tracer);
    leftToHost.add(name);
    const stops = Object.hasOwn(parts, name) ? parts[name] : undefined;
    for (const stop of stops ?? []) stop();
    if (stops !== undefined)
      log.info({}, `The spans of ${name}, which runs in this process, are the only ones.`);
    const startSpan = tracer.startSpan.bind(tracer);
    tracer.startSpan = (spanName, options = {}, parent) => {
      const span = startSpan(spanName, options, parent);
      if (options.kind === SpanKind.SERVER) replaceOuter(span);
      const isSentrys = options.attributes?.['sentry.op'] === 'http.client'; // which have no kind
      if (BESIDE.has(name) && (isSentrys || isClientSpan(options))) leaveOut(span);
      return span;
    };
    return tracer;
  };
}

/** Replaces our active SERVER span by the host's. Our span is not sent. */
function replaceOuter(span: SdkSpan): void {
  const outer = activeServerSpan(SCOPE_NAME);
  if (outer === undefined) return;
  const { parentSpanContext } = outer;
  if (span.parentSpanContext?.spanId === outer.spanContext().spanId)
    Object.assign(span, { parentSpanContext });
  leaveOut(outer);
}

/** Makes a span unsampled. Exports leave the span out. */
function leaveOut(span: Span): void {
  span.spanContext().traceFlags = TraceFlags.NONE;
}
