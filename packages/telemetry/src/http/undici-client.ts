import { context, trace } from '@opentelemetry/api';
import type * as Instrumentation from '@opentelemetry/instrumentation-undici';
import { loadOptional } from '../opentelemetry/optional-package.ts';
import { isTracingSuppressed } from '../opentelemetry/sdk.ts';
import type { UndiciMessage } from './client-request.ts';
import {
  carriesContext,
  clientSpanName,
  correctedAttributes,
  passUnsampled,
  replaceHeaders,
  sendContext,
} from './client-request.ts';
import { leanHttpClient } from './lean-client.ts';

/**
 * Makes a CLIENT span of every request of `fetch` and of undici, and sends its context along. instrumentation-undici makes
 * the spans, corrected in its own hooks. Requests made while tracing is suppressed have no span. Without that package,
 * {@link leanHttpClient} makes the same spans.
 *
 * @returns how to stop
 */
export function instrumentHttpClient(): () => void {
  const loaded = loadOptional<typeof Instrumentation>('@opentelemetry/instrumentation-undici');
  if (loaded === undefined) return leanHttpClient();
  const instrumentation = new loaded.UndiciInstrumentation({
    ignoreRequestHook(request: UndiciMessage['request']) {
      const active = context.active();
      if (isTracingSuppressed(active)) return true;
      if (!request.upgrade) return passUnsampled(request, active);
      sendContext(request, active);
      return true;
    },
    startSpanHook: correctedAttributes,
    requestHook(span, request: UndiciMessage['request']) {
      if (carriesContext(request.headers)) replaceHeaders(request, trace.setSpan(context.active(), span));
      if (span.isRecording()) span.updateName(clientSpanName(request));
    },
  });
  return () => instrumentation.disable();
}
