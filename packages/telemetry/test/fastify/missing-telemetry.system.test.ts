import { fileURLToPath } from 'node:url';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import type { TestProcess } from '../../../../test/helpers/processes.ts';
import { startNode } from '../../../../test/helpers/processes.ts';

t.jobs = 3;

const SERVICE = fileURLToPath(import.meta.resolve('./fixtures/plain-service.ts'));

const LINE =
  'fastifyTracing makes no spans, because no telemetry was started in this process: start it with ' +
  '`node --import @tandem/telemetry/register main.js`';

function start(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  node: readonly string[] = [],
) {
  return startNode('packages/telemetry', [...node, SERVICE, ...args], {
    OTEL_SERVICE_NAME: 'plain',
    ...env,
  });
}

function warnings(child: TestProcess): string[] {
  return child
    .output()
    .split('\n')
    .filter((line) => line.includes('makes no spans'));
}

t.test(
  'a process without telemetry has one warning that says how to start it',
  { buffered: true },
  async (t) => {
    const child = start([]);
    t.equal(await child.exited, 0, child.output());
    const [line = '', ...more] = warnings(child);
    t.match(line, `Warning: ${LINE}`);
    t.same(more, [], 'once for all servers of the process');
  },
);

t.test('OTEL_SDK_DISABLED has no warning about missing telemetry', { buffered: true }, async (t) => {
  const child = start([], { OTEL_SDK_DISABLED: 'true' });
  t.equal(await child.exited, 0, child.output());
  t.same(warnings(child), []);
  const registered = start([], { OTEL_SDK_DISABLED: 'true' }, ['--import', '@tandem/telemetry/register']);
  t.equal(await registered.exited, 0, registered.output());
  t.same(warnings(registered), []);
});

t.test('another SDK makes the spans, without a warning', { buffered: true }, async (t) => {
  const child = start(['own-sdk']);
  t.equal(await child.exited, 0, child.output());
  t.same(warnings(child), []);
  t.match(child.output(), '"spans":["GET /","GET /","GET /"]');
});

t.test('a process with telemetry has no warning', { buffered: true }, async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, DATA_DIR: t.testdir() };
  const child = start([], env, ['--import', '@tandem/telemetry/register']);
  t.equal(await child.exited, 0, child.output());
  t.same(warnings(child), []);
  t.match(
    receiver
      .spans()
      .map(({ name }) => name)
      .sort(),
    [...Array(3).fill('GET'), ...Array(3).fill('GET /')],
  );
});
