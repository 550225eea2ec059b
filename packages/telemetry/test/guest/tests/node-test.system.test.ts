import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReceivedSpan } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { startNode } from '../../../../../test/helpers/processes.ts';
import { distinct, sendLeftovers } from '../../child-process.ts';
import { startReceiver } from '../../receiver.ts';

const FOLDER = 'packages/telemetry';
const FAILED = 2;

/**
 * Runs a file of tests, and resolves with its exit code, its output and all of its spans: what a busy machine has not sent in the
 * last half second of a process, another process sends.
 */
async function run(
  t: Pick<Test, 'teardown' | 'testdir'>,
  args: readonly string[],
  file: string,
  env: Readonly<Record<string, string>> = {},
) {
  const receiver = await startReceiver(t);
  const sends = {
    OTEL_SERVICE_NAME: 'child',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    DATA_DIR: env.DATA_DIR ?? t.testdir(),
  };
  const path = fileURLToPath(import.meta.resolve(`./fixtures/${file}`));
  const register = ['--import', '@tandem/telemetry/register'];
  const given = { OTEL_LOG_LEVEL: 'none', ...sends, ...env };
  const child = startNode(FOLDER, [...register, ...args, path], given);
  const code = await child.exited;
  await sendLeftovers(sends);
  return { code, output: child.output(), spans: distinct(receiver.spans()) };
}

/** The paths of the requests in the trace of a span. */
function requestsOf(spans: readonly ReceivedSpan[], span: ReceivedSpan | undefined): unknown[] {
  const within = spans.filter(({ traceId, kind }) => traceId === span?.traceId && kind === 'SERVER');
  return within.map(({ attributes }) => attributes['url.path']).toSorted();
}

for (const args of [['--test'], ['--test', '--test-isolation=none'], []])
  t.test(`each test is a trace with its requests: node ${args.join(' ')}`, async (t) => {
    const { code, output, spans } = await run(t, args, 'orders.mjs', {
      TRACEPARENT: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    });
    t.equal(code, 1, output);
    const named = (name: string) => spans.find((span) => span.name === `orders.mjs › ${name}`);
    const tests = spans.filter(({ attributes }) => 'test.case.name' in attributes);
    t.same(
      tests
        .map(({ name, parentSpanId, status }) => `${name}${parentSpanId && ', below'}, ${status}`)
        .toSorted(),
      [
        'orders.mjs › is expected to fail, 0',
        'orders.mjs › pays › once, 0',
        'orders.mjs › pays › twice, 2',
        'orders.mjs › refunds › a part, below, 0',
        'orders.mjs › refunds › all of order … with …, below, 2',
        'orders.mjs › refunds, 2',
        'orders.mjs › skipped, 0',
        'orders.mjs › together › fast, 0',
        'orders.mjs › together › slow, 0',
        'orders.mjs › with a callback, 0',
        'orders.mjs › with a thenable, 0',
      ],
    );
    const requests: Readonly<Record<string, readonly string[]>> = {
      pays: ['/suite'],
      'pays › once': ['/once'],
      'pays › twice': ['/twice'],
      'together › slow': ['/slow'],
      'together › fast': ['/fast'],
      refunds: ['/part'],
      'with a callback': ['/callback'],
      'with a thenable': ['/thenable'],
    };
    for (const [name, paths] of Object.entries(requests)) t.same(requestsOf(spans, named(name)), paths, name);
    t.equal(named('refunds › a part')?.parentSpanId, named('refunds')?.spanId);
    t.match(named('pays › twice'), {
      statusMessage: /1 == 2/,
      attributes: {
        'test.suite.name': 'pays',
        'test.case.name': 'pays › twice',
        'test.case.result.status': 'fail',
        'code.file.path': 'test/guest/tests/fixtures/orders.mjs',
        'code.line.number': 17,
      },
    });
    t.equal(named('pays')?.status, 0, 'a suite does not tell the failure of its test again');
    t.notOk(tests.some(({ traceId }) => traceId === 'a'.repeat(32)));
  });

t.test('bodies have the `this` that they have untraced', async (t) => {
  const { code, output, spans } = await run(t, [], 'this.mjs');
  t.equal(code, 0, output);
  t.ok(spans.some(({ name }) => name === 'this.mjs › a suite › a suite in a suite of true'));
});

t.test('a test in which the process exits did not end', async (t) => {
  const { code, spans } = await run(t, [], 'exits.mjs');
  t.equal(code, 7);
  const span = spans.find(({ name }) => name === 'exits.mjs › exits');
  t.match(span, { status: FAILED, statusMessage: 'did not end' });
});

t.test('what --test-rerun-failures only repeats has no span', async (t) => {
  const folder = t.testdir();
  const args = ['--test', `--test-rerun-failures=${join(folder, 'runs.json')}`];
  const env = { FLAG: join(folder, 'flag'), DATA_DIR: join(folder, 'data') };
  const attempts = [];
  for (const exitCode of [1, 0]) {
    const { code, output, spans } = await run(t, args, 'reruns.mjs', env);
    t.equal(code, exitCode, output);
    attempts.push(
      spans
        .filter(({ attributes }) => 'test.case.name' in attributes)
        .map(({ name, attributes }) => `${name} #${attributes['tandem.test.attempt']}`)
        .toSorted(),
    );
  }
  t.same(attempts, [
    ['reruns.mjs › fails once #0', 'reruns.mjs › passes #0'],
    ['reruns.mjs › fails once #1'],
  ]);
});
