import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../../../test/helpers/processes.ts';
import { distinct, sendLeftovers } from '../../child-process.ts';
import { startReceiver } from '../../receiver.ts';

const PRINT_ACCESSOR =
  "console.log(typeof Object.getOwnPropertyDescriptor(globalThis, Symbol.for('TAP private constructor'))?.set)";

t.test(
  'each test of tap is a trace with its requests, nested and parallel, in this version of tap',
  async (t) => {
    const receiver = await startReceiver(t);
    const file = fileURLToPath(import.meta.resolve('./fixtures/orders-tap.ts'));
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: 'orders-tap',
      OTEL_LOG_LEVEL: 'none',
      DATA_DIR: t.testdir(),
    };
    const child = startNode('packages/telemetry', ['--import', '@tandem/telemetry/register', file], env);
    t.equal(await child.exited, 1);
    await sendLeftovers(env);
    const spans = distinct(receiver.spans());
    const tests = spans.filter(({ attributes }) => 'test.case.name' in attributes);
    const told = tests.map(({ name, traceId, parentSpanId, status, statusMessage, attributes }) => {
      const requests = spans.filter((span) => span.traceId === traceId && span.kind === 'SERVER');
      const paths = requests.map((span) => span.attributes['url.path']).toSorted();
      const line = attributes['code.line.number'];
      return [
        name,
        parentSpanId === '' ? 'root' : 'below',
        status,
        statusMessage,
        line,
        paths.join(' '),
      ].join(', ');
    });
    t.same(told.toSorted(), [
      'orders-tap.ts › fast, root, 0, , 24, /fast',
      'orders-tap.ts › pays › once, below, 0, , 14, /once /twice',
      'orders-tap.ts › pays › twice, below, 2, is equal, 17, /once /twice',
      'orders-tap.ts › pays, root, 2, twice, 13, /once /twice',
      'orders-tap.ts › slow, root, 0, , 20, /slow',
      'orders-tap.ts › thenable, root, 0, , 28, /thenable',
      'orders-tap.ts › throws, root, 2, no, 26, ',
    ]);
  },
);

t.test('a process that runs no tests of tap is left as it is', async (t) => {
  const service = mkdtempSync(join(tmpdir(), 'service-')); // a path without the word test
  t.teardown(() => rmSync(service, { recursive: true }));
  for (const file of ['main.mjs', 'orders.spec.mjs']) writeFileSync(join(service, file), PRINT_ACCESSOR);
  const accessorIn = async (file: string, env: NodeJS.ProcessEnv = {}) => {
    const child = startNode(
      'packages/telemetry',
      ['--import', '@tandem/telemetry/register', join(service, file)],
      {
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        OTEL_LOG_LEVEL: 'none',
        ...env,
      },
    );
    await child.exited;
    return child.output().trim();
  };
  t.equal(await accessorIn('main.mjs', { TAP: '' }), 'undefined');
  t.equal(await accessorIn('main.mjs', { TAP: '1' }), 'function');
  t.equal(await accessorIn('orders.spec.mjs', { TAP: '' }), 'function');
});
