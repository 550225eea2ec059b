import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { untilOutput } from '../../../../test/helpers/processes.ts';
import { logLines, startTraced } from '../child-process.ts';

// Each test is a process or two, which mostly wait.
t.jobs = 3;

/** Batches wait in memory for a minute, so the hook under test sends all spans that arrive. */
const SLOW = { OTEL_BSP_SCHEDULE_DELAY: '60000' };
const NOWHERE = { ...SLOW, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

const receiver = await startOtlpReceiver();
t.teardown(() => receiver.close());
const toReceiver = { ...SLOW, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
const received = (name: string) => receiver.spans().filter((span) => span.name === name).length;

/** Starts a process on the same spool, which sends the files of an earlier process. */
async function sendLeftovers(directory: string): Promise<void> {
  const successor = startTraced(`await new Promise((resolve) => setTimeout(resolve, 50));`, {
    ...toReceiver,
    DATA_DIR: directory,
  });
  await successor.exited;
}

t.test('a process that runs out of work sends its last spans first', { buffered: true }, async (t) => {
  const child = startTraced(`withSpan('ran-out', {}, () => {});`, { ...toReceiver, DATA_DIR: t.testdir() });
  t.equal(await child.exited, 0);
  t.equal(received('ran-out'), 1);
  t.match(logLines(child).at(-1), { msg: /^Telemetry ended\. Spans for otlp: 1 sent/ });
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} ends the process as ever, after its spans were sent`, { buffered: true }, async (t) => {
    const script = `withSpan('${signal}', {}, () => {}); setInterval(() => {}, 1000); console.log('ready');`;
    const child = startTraced(script, { ...toReceiver, DATA_DIR: t.testdir() });
    await untilOutput(child, 'ready');
    t.equal(await child.stop(signal), null);
    t.equal(child.child.signalCode, signal);
    t.equal(received(signal), 1);
  });
}

t.test(
  'a service that listens for a signal itself ends the process; unsent spans are kept',
  { buffered: true },
  async (t) => {
    const directory = t.testdir();
    const script = `
    process.on('SIGTERM', () => { withSpan('in charge', {}, () => {}); process.exit(7); });
    setInterval(() => {}, 1000);
    console.log('ready');
  `;
    const child = startTraced(script, { ...NOWHERE, DATA_DIR: directory });
    await untilOutput(child, 'ready');
    t.equal(await child.stop('SIGTERM'), 7);
    t.match(logLines(child).at(-1), { msg: /^Telemetry ended\. .* 1 kept on disk for the next start/ });
    await sendLeftovers(directory);
    t.equal(received('in charge'), 1);
  },
);

for (const [how, statement] of [
  ['exception', `throw new Error('boom')`],
  ['rejection', `Promise.reject(new Error('boom'))`],
] as const) {
  t.test(`an uncaught ${how} is logged, the spans are sent, exit 1`, { buffered: true }, async (t) => {
    const script = `withSpan('${how}', {}, () => {}); setTimeout(() => { ${statement}; }, 10);`;
    const child = startTraced(script, { ...toReceiver, DATA_DIR: t.testdir() });
    t.equal(await child.exited, 1);
    t.equal(received(how), 1);
    // The error is on standard error, other lines are on standard output, so the order of reading is unknown.
    t.match(
      logLines(child).toSorted((a, b) => a.level.localeCompare(b.level)),
      [
        { level: 'error', msg: /^Uncaught exception: the last spans are sent/, err: { message: 'boom' } },
        {},
        { msg: /^Telemetry ended/ },
      ],
    );
  });
}

t.test(
  'a service that handles uncaught exceptions itself ends the process',
  { buffered: true },
  async (t) => {
    const script = `
    process.on('uncaughtException', () => { console.log('handled'); setTimeout(() => process.exit(5), 10); });
    setTimeout(() => { throw new Error('boom'); }, 10);
  `;
    const child = startTraced(script, { ...toReceiver, DATA_DIR: t.testdir() });
    t.equal(await child.exited, 5);
    t.match(child.output(), 'handled');
    t.notMatch(child.output(), 'the last spans are sent');
  },
);

t.test(
  'process.exit() just after another line of telemetry still logs the end',
  { buffered: true },
  async (t) => {
    const script = `
    import { diag } from '@opentelemetry/api';
    withSpan('cut short', {}, () => {});
    diag.error('just before');
    process.exit(3);
  `;
    const child = startTraced(script, { ...NOWHERE, DATA_DIR: t.testdir() });
    t.equal(await child.exited, 3);
    t.match(
      logLines(child)
        .slice(-2)
        .map(({ msg }) => msg),
      [/just before/, /^Telemetry ended/],
    );
  },
);

t.test('after process.exit(), unsent spans are kept for the next start', { buffered: true }, async (t) => {
  const directory = t.testdir();
  const child = startTraced(`withSpan('cut short', {}, () => {}); process.exit(3);`, {
    ...NOWHERE,
    DATA_DIR: directory,
  });
  t.equal(await child.exited, 3);
  t.equal(received('cut short'), 0);
  await sendLeftovers(directory);
  t.equal(received('cut short'), 1);
});

t.test('an uncaught exception in a thread is told to its owner, and no span is lost', async (t) => {
  const directory = t.testdir();
  const thread = `
    const { withSpan } = await import('@tandem/telemetry');
    withSpan('in a thread', {}, () => {});
    throw new Error('boom');
  `;
  const script = `
    import { Worker } from 'node:worker_threads';
    const thread = new Worker(${JSON.stringify(thread)}, { eval: true });
    thread.once('error', ({ message }) => console.log('heard of', message));
  `;
  const child = startTraced(script, { ...toReceiver, DATA_DIR: directory });
  t.equal(await child.exited, 0);
  t.match(child.output(), 'heard of boom');
  await sendLeftovers(directory);
  t.equal(received('in a thread'), 1);
});

t.test('an uncaught exception while the backend is away loses nothing', { buffered: true }, async (t) => {
  const directory = t.testdir();
  const script = `withSpan('crashed', {}, () => {}); setTimeout(() => { throw new Error('boom'); }, 10);`;
  const child = startTraced(script, { ...NOWHERE, DATA_DIR: directory });
  t.equal(await child.exited, 1);
  await sendLeftovers(directory);
  t.equal(received('crashed'), 1);
});
