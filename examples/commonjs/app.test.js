// Telemetry in a test: spans stay in memory.
const { test } = require('node:test');
const { assertTrace, createTestTelemetry } = require('@tandem/telemetry/testing');
const { buildApp } = require('./app.js');

test('an image is one request', async (t) => {
  const telemetry = createTestTelemetry({ serviceName: 'thumbnails' });
  t.after(() => telemetry.shutdown());
  const app = await buildApp();
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  await (await fetch(`${origin}/images/cat`)).text();
  await app.close(); // the span ends when the response is closed
  assertTrace(telemetry.spans(), 'GET /images/:name  SERVER');
});
