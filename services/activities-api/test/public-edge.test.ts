import { createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { buildTestApp } from './build-test-app.ts';

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

t.test('PUBLIC_EDGE: strangers begin a trace of their own, which links to theirs', async (t) => {
  for (const publicEdge of [true, false]) {
    const telemetry = createTestTelemetry({ serviceName: 'activities-api' });
    const app = await buildTestApp({ settings: { publicEdge } });
    const answer = await app.inject({ url: '/api/activities/home', headers: { traceparent } });
    await app.close();
    const server = telemetry.spans().find(({ kind }) => kind === 1);
    t.equal(server?.spanContext().traceId === 'a'.repeat(32), !publicEdge);
    t.equal(server?.links.length, publicEdge ? 1 : 0);
    t.match(answer.headers.traceresponse, server?.spanContext().traceId);
    await telemetry.shutdown();
  }
});
