import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withSpan } from '@tandem/telemetry';
import { createTestTelemetry } from '@tandem/telemetry/testing';
import t from 'tap';
import { createRollbarReporter } from '../../src/process/error-reporter.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';

t.test('an error goes to Rollbar with the ids of its span, and flush waits for it', async (t) => {
  const telemetry = createTestTelemetry();
  const received: { token: unknown; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    received.push({
      token: request.headers['x-rollbar-access-token'],
      body: Buffer.concat(chunks).toString(),
    });
    response.setHeader('content-type', 'application/json').end('{"err":0,"result":{"uuid":"x"}}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => Promise.all([telemetry.shutdown(), server.close()]));
  const { port } = server.address() as AddressInfo;
  const warnings: string[] = [];
  const reporter = createRollbarReporter(
    TOKEN,
    (sentence) => warnings.push(sentence),
    `http://127.0.0.1:${port}/api/1/item/`,
  );
  const { traceId, spanId } = withSpan('work', {}, (span) => {
    reporter.report(new Error('out of nowhere', { cause: new TypeError('no rows') }));
    return span.spanContext();
  });
  await reporter.flush();
  t.equal(received.length, 1);
  t.equal(received[0]?.token, TOKEN);
  const { data } = JSON.parse(received[0]?.body ?? '{}');
  const [error, cause] = data.body.trace_chain;
  t.strictSame(error.exception, { class: 'Error', message: 'out of nowhere' });
  t.strictSame(cause.exception, { class: 'TypeError', message: 'no rows' });
  const innermost = error.frames.at(-1);
  t.match(innermost.filename, /error-reporter\.test\.ts$/);
  t.type(innermost.lineno, 'number');
  t.match(data.custom, { trace_id: traceId, span_id: spanId });
  t.strictSame(warnings, []);
});

t.test('a report that Rollbar does not take is said, without the token', async (t) => {
  const server = createServer((_request, response) => void response.writeHead(401).end()).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const warnings: string[] = [];
  const reporter = createRollbarReporter(
    TOKEN,
    (sentence) => warnings.push(sentence),
    `http://127.0.0.1:${port}/`,
  );
  for (const _ of ['refused', 'nobody there']) {
    reporter.report(new Error('out of nowhere'));
    await reporter.flush();
    await new Promise((resolve) => server.close(resolve));
  }
  t.match(warnings, [/401.*ROLLBAR_ACCESS_TOKEN/, /ECONNREFUSED|hang up/]);
  t.notMatch(warnings.join(''), TOKEN);
});
