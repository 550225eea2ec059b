import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { startPair } from '../helpers/pair.ts';
import { freePort, startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());

t.test('SIGTERM: an open request finishes, spans are flushed, exit 0', async (t) => {
  const pair = await startPair({ otlpUrl: receiver.url, env: { OTEL_BSP_SCHEDULE_DELAY: '60000' } });
  t.teardown(() => pair.stop());
  const traceId = randomBytes(16).toString('hex');
  const { port } = new URL(pair.api);

  // The signal comes before the whole body of this request has arrived.
  const body = JSON.stringify({ handle: 'andrewbrown', message: 'last words', ttl: '1-day' });
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(
    `POST /api/activities HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n` +
      `traceparent: 00-${traceId}-${'b'.repeat(16)}-01\r\n\r\n`,
  );
  await until(() => answer === 'HTTP/1.1 100 Continue\r\n\r\n');
  answer = '';
  socket.write(body.slice(0, 10));
  const exit = pair.activities.stop('SIGTERM');
  await until(() => pair.activities.output().includes('stopping: open requests finish first'));
  socket.write(body.slice(10));
  await closed;

  t.match(answer, /^HTTP\/1\.1 201 /);
  t.equal(await exit, 0);
  t.ok(
    receiver.spansOf(traceId).some((span) => span.name === 'POST /api/activities'),
    'the last span was flushed',
  );
});

t.test('an uncaught exception flushes the spans before it and exits non-zero', async (t) => {
  receiver.reset();
  const script = `
    import { withSpan } from '@tandem/telemetry';
    withSpan('before-the-crash', {}, () => {});
    setTimeout(() => { throw new Error('boom'); }, 50);
  `;
  const process = startNode(
    'packages/telemetry',
    ['--import', './test/fixtures/register.ts', '--input-type=module', '--eval', script],
    { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '60000', DATA_DIR: t.testdir() },
  );
  t.not(await process.exited, 0);
  t.match(process.output(), /boom/);
  t.ok(receiver.spans().some((span) => span.name === 'before-the-crash'));
});

t.test('a setting that a process cannot start with: one line that names the variable', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tandem-start-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const port = await freePort();
  const cases: [Record<string, string>, RegExp][] = [
    [{ PORT: 'http' }, /PORT/],
    [{ DATABASE_URL: 'mysql://localhost/x' }, /DATABASE_URL/],
  ];
  for (const [env, message] of cases) {
    const process = startNode(
      'services/user-lookup',
      ['--import', '@tandem/service-kit/register', 'src/main.ts'],
      {
        DATA_DIR: directory,
        PORT: String(port),
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        ...env,
      },
    );
    t.equal(await process.exited, 1, JSON.stringify(env));
    const complaints = process
      .output()
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('{'));
    t.equal(complaints.length, 1, process.output());
    t.match(complaints[0], message);
  }
});
