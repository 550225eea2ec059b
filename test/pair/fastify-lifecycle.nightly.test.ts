import { randomBytes } from 'node:crypto';
import type { ReceivedSpan } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import { assertNoOrphans, assertTrace } from '@tandem/telemetry/testing';
import t from 'tap';
import { readableSpans } from '../../packages/telemetry/test/readable-spans.ts';
import { assertConventions } from '../helpers/conventions/assert-conventions.ts';
import { startPair } from '../helpers/pair.ts';
import { stickingOut } from '../helpers/wire-tree.ts';

const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());

const isLifecycle = (span: ReceivedSpan) => 'fastify.type' in span.attributes;

t.test('TRACE_FASTIFY_LIFECYCLE adds a span per hook and handler, and breaks no parent', async (t) => {
  const pair = await startPair({ otlpUrl: receiver.url, env: { TRACE_FASTIFY_LIFECYCLE: 'true' } });
  t.teardown(() => pair.stop());
  const traceId = randomBytes(16).toString('hex');
  const response = await fetch(`${pair.api}/api/activities/home`, {
    headers: { traceparent: `00-${traceId}-${'c'.repeat(16)}-01` },
  });
  t.equal(response.status, 200);
  await pair.stop(); // flushes

  const spans = receiver.spansOf(traceId);
  const added = spans.filter(isLifecycle);
  t.strictSame(
    [...new Set(added.map((span) => span.service))].toSorted(),
    ['activities-api', 'user-lookup'],
    'in both services',
  );
  t.ok(
    added.some((span) => span.name.startsWith('request handler')),
    'for handlers',
  );
  t.ok(
    added.some((span) => span.name.startsWith('middleware')),
    'for hooks',
  );
  t.doesNotThrow(() => assertNoOrphans(readableSpans(spans)));
  t.doesNotThrow(() => assertConventions(readableSpans(spans)));
  t.strictSame(stickingOut(spans.filter((span) => !isLifecycle(span))), []);
  t.doesNotThrow(() =>
    assertTrace(
      readableSpans(withoutLifecycle(spans)),
      `
      activities-api  GET /api/activities/home  SERVER
        activities-api  home-activities-data  INTERNAL
          activities-api  SELECT activities  CLIENT
          activities-api  GET /api/users  CLIENT
            user-lookup  GET /api/users  SERVER
              user-lookup  SELECT users  CLIENT
          activities-api  home-result-activities  INTERNAL
      `,
    ),
  );
  t.notMatch(pair.activities.output(), 'comes too late');
});

t.test('nothing for lifecycle spans is loaded when telemetry is off', async (t) => {
  const env = { TRACE_FASTIFY_LIFECYCLE: 'true', OTEL_SDK_DISABLED: 'true' };
  const pair = await startPair({ otlpUrl: receiver.url, env });
  t.teardown(() => pair.stop());
  receiver.reset();
  t.equal((await fetch(`${pair.api}/api/activities/home`)).status, 200);
  await pair.stop();
  t.strictSame(receiver.spans(), []);
});

/** The trace as it would be without the spans of hooks and handlers: their children belong to their parents. */
function withoutLifecycle(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return spans
    .filter((span) => !isLifecycle(span))
    .map((span) => {
      let parent = byId.get(span.parentSpanId);
      for (let depth = 0; depth < spans.length && parent !== undefined && isLifecycle(parent); depth++)
        parent = byId.get(parent.parentSpanId);
      return parent === undefined ? span : { ...span, parentSpanId: parent.spanId };
    });
}
